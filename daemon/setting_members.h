// The users and groups that claviger.toml names.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "daemon/accounts.h"
#include "daemon/keys/principal.h"

namespace claviger {

// Adds who `text` names: "user", "@group", "uid:1000", "gid:1000" or "*". False if the host knows no such
// user or group, or the number is none. kUnavailable if the host cannot be asked.
Result<bool> AddMember(std::string_view text, const Accounts& accounts, keys::RoleMembers& members);

// What to say of a text that AddMember gave false for, to follow the setting's name and ": ".
std::string UnknownMember(std::string_view text);

}  // namespace claviger
