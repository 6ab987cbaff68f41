// The settings of claviger.toml as one table: where each stands, what it may be, and which member of Config
// it fills.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "daemon/config.h"

namespace claviger {

// The member that a setting fills. Its type decides what is written in the file: a whole number for
// std::size_t and std::uint32_t, a duration ("7d") for std::int64_t and the chrono types, a list of members
// for RoleMembers, one of some words for the enumerations.
using SettingField =
    std::variant<std::string*, std::size_t*, std::uint32_t*, std::int64_t*, std::chrono::seconds*,
                 std::chrono::milliseconds*, LogLevel*, keys::UnscopedRule*, RoleMembers*>;

// Both included. For whole numbers as they are, for durations in the unit of the field (std::int64_t:
// seconds).
struct SettingBounds {
  std::int64_t least = 0;
  std::int64_t most = 0;
};

enum class SettingEffect { kOnReload, kOnRestart };

struct Setting {
  std::string_view table;
  std::string_view name;
  SettingField (*field)(Config&);
  SettingEffect takes_effect;
  SettingBounds bounds = {};
  // For strings: kInvalidArgument with what to write instead, to follow "[table] name: ".
  Status (*check)(std::string_view text) = nullptr;
  // For RoleMembers: who has the role if the file says nothing; those that the host does not know are left
  // out.
  std::span<const std::string_view> default_members = {};
};

// In the order of the shipped claviger.toml.
std::span<const Setting> Settings();

// The words for an enumeration, in the order of its values.
std::span<const std::string_view> LogLevelWords();
std::span<const std::string_view> UnscopedRuleWords();

// The value as it would stand in claviger.toml: "\"7d\"", "64". Members of a role as "uid:0" and "gid:0".
std::string FormatSetting(const Setting& setting, const Config& config);

// "a duration from 1s to 1h": what may be written for the setting, for error messages.
std::string DescribeSetting(const Setting& setting);

}  // namespace claviger
