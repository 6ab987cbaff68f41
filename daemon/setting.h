// The settings of claviger.toml as tables: where each stands, what it may be, and which member of Config it
// fills.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "daemon/config.h"

namespace claviger {

// Written "forbid" or "allow".
struct Permission {
  bool* allowed;
};
// Written as a list of those that must be given: "description", "team".
struct RequiredFields {
  bool* description;
  bool* team;
};

// The member that a setting fills. Its type decides what is written in the file: a whole number for
// std::size_t and std::uint32_t, a duration ("7d") for std::int64_t and the chrono types, a list of members
// for RoleMembers, one of some words for the enumerations. What is optional has no value unless the file
// gives one.
using SettingField =
    std::variant<std::string*, std::size_t*, std::uint32_t*, std::int64_t*, std::optional<std::int64_t>*,
                 std::chrono::seconds*, std::chrono::milliseconds*, bool*, LogLevel*, keys::UnscopedRule*,
                 std::optional<keys::UnscopedRule>*, keys::ExcessRule*, Permission, RequiredFields,
                 keys::NamePattern*, std::vector<std::int64_t>*, std::vector<std::string>*,
                 std::vector<keys::ScopePattern>*, std::vector<keys::Event>*, RoleMembers*>;

// Both included. For whole numbers as they are, for durations in the unit of the field (std::int64_t:
// seconds), for lists of texts, scopes and events how many there may be.
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
  // For strings and each of a list of strings: kInvalidArgument with what to write instead, to follow
  // "[table] name: ".
  Status (*check)(std::string_view text) = nullptr;
  // For RoleMembers: who has the role if the file says nothing; those that the host does not know are left
  // out.
  std::span<const std::string_view> default_members = {};
  bool required = false;  // of an entry of a list
};

// In the order of the shipped claviger.toml.
std::span<const Setting> Settings();

// What an entry says that cannot be meant; `setting` is the one at fault.
struct EntryFault {
  std::string_view setting;
  std::string message;
};

// A table that can stand in the file several times, as [[table]]; each adds an entry to a list of Config.
struct SettingList {
  std::string_view table;
  std::size_t most;                             // entries
  void (*append)(Config&);                      // an entry with the defaults, at the end
  std::span<const Setting> settings;            // each fills the last entry of the list, which must have one
  std::optional<EntryFault> (*check)(Config&);  // of the last entry, once it is filled
};

// In the order of the shipped claviger.toml.
std::span<const SettingList> SettingLists();

// The words for an enumeration, in the order of its values. Only the type of the argument matters.
std::span<const std::string_view> WordsFor(const LogLevel* type);
std::span<const std::string_view> WordsFor(const keys::UnscopedRule* type);
std::span<const std::string_view> WordsFor(const keys::ExcessRule* type);

// "[table] name" or "[[table]] name", as errors call it.
std::string FullName(const Setting& setting);

// The value as it would stand in claviger.toml: "\"7d\"", "64"; "" for what is optional and has none. Members
// of a role as "uid:0" and "gid:0".
std::string FormatSetting(const Setting& setting, const Config& config);

// "a duration from 1s to 1h": what may be written for the setting, for error messages.
std::string DescribeSetting(const Setting& setting);

}  // namespace claviger
