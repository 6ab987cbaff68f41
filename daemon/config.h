// claviger.toml, read and checked whole before anything of it is used.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "daemon/accounts.h"
#include "daemon/keys/authorization.h"
#include "daemon/keys/notice.h"
#include "daemon/keys/policy.h"
#include "daemon/keys/principal.h"
#include "daemon/keys/unit_policy.h"
#include "hsm/token_client.h"

namespace claviger {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// Users and groups are resolved when the file is read.
using keys::RoleMembers;
using keys::Roles;

inline constexpr std::size_t kMaxPolicyRules = 256;
inline constexpr std::size_t kMaxCeilings = 256;
inline constexpr std::size_t kMaxPatterns = 256;  // of one rule or ceiling
inline constexpr std::size_t kMaxOwners = 256;    // likewise
inline constexpr std::size_t kMaxArguments = 64;  // of one command, its program included

// The values given here are the defaults, but for [roles]: those depend on the host's groups
// (daemon/setting.cc).
struct Config {
  // [server]
  std::string socket_directory = "/run/claviger";  // used where systemd hands over no sockets
  std::size_t loops = 0;                           // 0 = number of cores, at most 4
  std::chrono::milliseconds busy_poll{0};          // how long an idle loop looks for calls before it sleeps
  // [store]
  std::string state_directory = "/var/lib/claviger";
  std::size_t cached_keys = 100000;
  std::chrono::seconds proof_lifetime{300};
  // [token]; state_directory inside it is filled from [store]
  hsm::TokenSettings token = {.worker_path = "/usr/libexec/claviger/claviger-token",
                              .module_path = "/usr/lib/softhsm/libsofthsm2.so",
                              .uri = "pkcs11:token=claviger",
                              .pin_file = "",
                              .state_directory = "/var/lib/claviger",
                              .deadline = std::chrono::milliseconds{150}};
  std::chrono::seconds token_loss_grace{0};  // how long fresh proofs are served while the token is lost
  // [keys]
  std::string key_prefix = "clv";
  std::string scopes_directory = "/etc/claviger/scopes.d";
  // [policy] and [[rule]]
  keys::Policy policy;
  // [roles]
  Roles roles;
  // [[ceiling]]
  std::vector<keys::Ceiling> ceilings;
  // [[unit]]
  std::vector<keys::UnitRule> units;
  // [limits]
  std::uint32_t failures_per_minute = 600;  // bad keys per peer uid before `rate_limited`
  std::uint32_t failure_burst = 200;
  // [notices] and [[command]]
  keys::NoticeSettings notices;
  // [backup]
  std::size_t backups_kept = 14;
  // [log]
  LogLevel log_level = LogLevel::kInfo;
};

// kConfiguration with "file:line: what is wrong; what to write instead": unreadable files, files that others
// may write, TOML errors, unknown settings (with the nearest known one), wrong types, impossible values,
// users and groups that the host does not know. Of several errors the one that stands first in the file.
Result<Config> LoadConfig(const std::string& path);

// The same for text that has been read already; `file` only names it in errors.
Result<Config> ParseConfig(std::string_view text, const std::string& file, const Accounts& accounts);

// "[token] module" and so on: what differs between the two and takes effect only when the daemon is started
// again.
std::vector<std::string> ChangesForRestart(const Config& running, const Config& read);

}  // namespace claviger
