// What the service manager is told of the daemon's life and state (sd_notify(3)); nothing without one.
#pragma once

#include <string>

#include "base/result.h"
#include "daemon/api/authority.h"

namespace claviger {

// One sentence for `systemctl status`: whether verifications are answered, and if not, what to do.
std::string StatusSentence(api::Authority& authority);

// Thread-compatible; lives on the main thread. `authority` must outlive it.
class ServiceStatus {
 public:
  explicit ServiceStatus(api::Authority& authority) : authority_(authority) {}

  // The start waits for the token, and perhaps for a database that is brought to a new format.
  void TellStarting();
  void TellReady();
  // Tells the sentence if it is another than the last.
  void Update();
  void TellStopping();
  static void TellFailure(const Error& error);

 private:
  api::Authority& authority_;
  std::string told_;
};

// For the watchdog; any thread.
void TellAlive();
// A reload begins, and ends whatever came of it.
void TellReloading();
void TellReloaded();

}  // namespace claviger
