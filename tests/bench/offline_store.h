// The store of a daemon that does not run, opened with the key that its token makes.
#pragma once

#include <memory>

#include "daemon/api/token_mac_source.h"
#include "daemon/store/connection.h"
#include "hsm/token_client.h"

namespace claviger::bench {

// One thread uses the connection; the token can be asked from any. What goes wrong ends the program.
class OfflineStore {
 public:
  // As in claviger.toml. The token must be bound to the installation; waits until it is ready.
  explicit OfflineStore(hsm::TokenSettings settings);

  keys::TokenMac& token() { return token_; }
  store::Connection& connection() { return *connection_; }

 private:
  std::unique_ptr<hsm::TokenClient> client_;
  api::TokenMacSource token_;
  std::unique_ptr<store::Connection> connection_;
};

// WORKER MODULE URI PIN_FILE STATE_DIRECTORY, as the programs of this folder take them.
hsm::TokenSettings TokenSettingsFrom(char** arguments);

}  // namespace claviger::bench
