// claviger.toml, read and checked whole before anything of it is used.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/keys/policy.h"
#include "hsm/token_client.h"

namespace claviger {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// Who holds a role: users by uid, groups by gid, resolved when the file is read.
struct RoleMembers {
  std::vector<uid_t> users;
  std::vector<gid_t> groups;
  bool everyone = false;  // "*"
};

struct Roles {
  RoleMembers admin, auditor, issuer, verifier;
};

struct Config {
  // [server]
  std::string socket_directory = "/run/claviger";  // used where systemd hands over no sockets
  std::size_t loops = 0;                           // 0 = number of cores, at most 4
  // [store]
  std::string state_directory = "/var/lib/claviger";
  std::size_t cached_keys = 100000;
  std::chrono::seconds proof_lifetime{300};
  // [token]; state_directory inside it is filled from [store]
  hsm::TokenSettings token;
  std::chrono::seconds token_loss_grace{0};  // how long fresh proofs are served while the token is lost
  // [keys]
  std::string key_prefix = "clv";
  std::string scopes_directory = "/etc/claviger/scopes.d";
  // [policy]
  keys::Policy policy;
  // [roles]
  Roles roles;
  // [limits]
  std::uint32_t failures_per_minute = 60;  // bad keys per peer uid before `rate_limited`
  std::uint32_t failure_burst = 20;
  // [log]
  LogLevel log_level = LogLevel::kInfo;
};

// kConfiguration with "file:line: what is wrong; what to write instead": unreadable files, TOML errors, unknown settings
// (with the nearest known one), wrong types, impossible values, users and groups that the host does not know.
Result<Config> LoadConfig(const std::string& path);

}  // namespace claviger
