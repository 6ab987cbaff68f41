// PINs as encrypted credentials of systemd, and how a PIN is made.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "cli/host.h"

namespace claviger::cli {

inline constexpr std::string_view kCredentialFolder = "/etc/credstore.encrypted";
inline constexpr std::string_view kPinCredential = "hsm-pin";            // what claviger.service asks for
inline constexpr std::string_view kSoPinCredential = "claviger-so-pin";  // which no unit asks for

// The file of the credential `name`.
std::string CredentialPath(std::string_view name);

// 43 letters and digits from 256 random bits.
Secret MakePin();

// Encrypts `secret` with systemd-creds and stores it durably, mode 0600, in a folder that is made with mode
// 0700. kConflict if the credential is there already: none is ever overwritten. Success tells what it was
// encrypted with, for people.
Result<std::string> StoreCredential(const Host& host, std::string_view name, const Secret& secret);
Result<Secret> LoadCredential(const Host& host, std::string_view name);

}  // namespace claviger::cli
