// The identity of this installation: to which token it is bound, and how that token is recognised. Holds no
// secret.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/token_purpose.h"

namespace claviger::hsm {

// Purpose keys are made in their first generation.
inline constexpr std::uint32_t kKeyGeneration = 1;

struct Installation {
  std::string id;                    // 32 hex digits, random
  std::vector<std::string> serials;  // of the tokens that may hold the keys; a backup token may be added
  std::array<std::string, kTokenPurposes.size()> check_values;  // CheckValue per purpose
};

// The file in the state directory.
std::string InstallationPath(const std::string& state_directory);
// nullopt if the file does not exist. kCorrupt if it contradicts itself, kUnavailable if it cannot be read.
Result<std::optional<Installation>> LoadInstallation(const std::string& state_directory);
// Written durably, mode 0600.
Status SaveInstallation(const std::string& state_directory, const Installation& installation);

// A fresh installation id.
std::string MakeInstallationId();
// The message whose HMAC is the check value of every purpose key: "claviger/kcv/1" and the installation id.
std::string CheckMessage(std::string_view installation_id);
// The first 8 bytes of that HMAC, as hexadecimal digits.
std::string CheckValue(const Mac& mac);

}  // namespace claviger::hsm
