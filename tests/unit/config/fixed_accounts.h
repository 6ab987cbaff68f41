// The accounts of a made-up host.
#pragma once

#include <map>
#include <string>

#include "daemon/accounts.h"

namespace claviger {

class FixedAccounts final : public Accounts {
 public:
  std::map<std::string, uid_t> users = {{"root", 0}, {"web", 33}};
  std::map<std::string, gid_t> groups = {
      {"root", 0}, {"claviger-admin", 900}, {"claviger-verify", 901}, {"web", 33}};
  bool reachable = true;

  Result<std::optional<uid_t>> FindUser(const std::string& name) const override {
    if (!reachable) return Error(ErrorCode::kUnavailable, "look up a user: Input/output error");
    const auto found = users.find(name);
    return found == users.end() ? std::nullopt : std::optional<uid_t>(found->second);
  }
  Result<std::optional<gid_t>> FindGroup(const std::string& name) const override {
    if (!reachable) return Error(ErrorCode::kUnavailable, "look up a group: Input/output error");
    const auto found = groups.find(name);
    return found == groups.end() ? std::nullopt : std::optional<gid_t>(found->second);
  }
};

}  // namespace claviger
