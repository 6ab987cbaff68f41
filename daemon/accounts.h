// The users and groups of this host.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.h"

namespace claviger {

// Behind an interface so that tests can have users and groups of their own.
class Accounts {
 public:
  virtual ~Accounts() = default;
  // nullopt: no such account. kUnavailable: the host's account databases cannot be asked.
  virtual Result<std::optional<uid_t>> FindUser(const std::string& name) const = 0;
  virtual Result<std::optional<gid_t>> FindGroup(const std::string& name) const = 0;
};

// getpwnam_r and getgrnam_r. Thread-safe; may block on what nsswitch.conf names.
const Accounts& HostAccounts();

}  // namespace claviger
