// Users and groups of this host, by its name services.
#pragma once

#include <cstdint>
#include <string>

namespace claviger::cli {

// "alice", or "uid 1001" if no user has this number. Safe to show.
std::string UserName(std::int64_t uid);

// Whether this host has a user or a group of this name. Also true if that cannot be told now: nobody is
// called gone because a directory service does not answer.
bool AccountExists(const std::string& name);

}  // namespace claviger::cli
