// A private SoftHSM: its own configuration, tokens and state directory in a temporary folder.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hsm/token_client.h"

namespace claviger::hsm {

inline Secret Text(const char* text) { return Secret::FromText(text); }

inline constexpr char kModulePath[] = "/usr/lib/softhsm/libsofthsm2.so";
inline constexpr char kPin[] = "4711-right";
inline constexpr char kSoPin[] = "0815-officer";

// Sets SOFTHSM2_CONF for this process, so that there is one at a time. The folder is removed at the end.
class SoftHsm {
 public:
  SoftHsm();
  ~SoftHsm();
  SoftHsm(const SoftHsm&) = delete;
  SoftHsm& operator=(const SoftHsm&) = delete;

  const std::string& folder() const { return folder_; }
  std::string state_directory() const { return folder_ + "/state"; }
  std::string pin_file() const { return folder_ + "/pin"; }

  // Settings for the token "claviger" and the PIN file.
  TokenSettings Settings() const;
  void WritePinFile(const std::string& pin, unsigned mode = 0400) const;

  // With softhsm2-util.
  void MakeToken(const std::string& label) const;
  void DeleteToken(const std::string& label) const;
  // Takes all tokens out of SoftHSM's sight, and back.
  void HideTokens() const;
  void ShowTokens() const;

  struct Key {
    std::string label;
    std::vector<std::uint8_t> value;
    bool extractable = false;
  };
  // By C_CreateObject into the token "claviger".
  void ImportKeys(const std::vector<Key>& keys) const;
  void DeleteKey(const std::string& label) const;

 private:
  std::string folder_;
};

// A client for `hsm`; ends the test if it cannot be started.
std::unique_ptr<TokenClient> StartClient(TokenSettings settings,
                                         TokenClient::StateCallback on_state = nullptr);
// Waits until `condition` holds; false if it does not within a generous time.
bool Eventually(const std::function<bool()>& condition);
bool Reaches(const TokenClient& client, TokenState state);

// A client bound to a fresh token and ready, with its PIN in the PIN file.
std::unique_ptr<TokenClient> StartBoundClient(const SoftHsm& hsm);

std::vector<std::uint8_t> Bytes(std::string_view text);
// One MAC; the outcome is that of Compute.
Result<Mac> MakeMac(TokenClient& client, TokenPurpose purpose, std::string_view message);

// The process ids of the workers that this process has started and that still run.
std::vector<int> WorkerIds();

}  // namespace claviger::hsm
