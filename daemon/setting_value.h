// From a TOML value to a member of Config.
#pragma once

#include <toml++/toml.h>

#include "base/result.h"
#include "daemon/accounts.h"
#include "daemon/setting.h"

namespace claviger {

// kInvalidArgument with a sentence that names the setting, what is wrong and what to write instead: wrong
// type, outside the bounds, refused by the setting's check, a user or group that `accounts` does not know.
Status AssignSetting(const Setting& setting, const toml::node& value, const Accounts& accounts,
                     Config& config);

// Gives the setting's default_members, as far as the host knows them. kUnavailable if the host cannot be
// asked.
Status AssignDefaultMembers(const Setting& setting, const Accounts& accounts, Config& config);

}  // namespace claviger
