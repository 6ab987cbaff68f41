#include "daemon/setting_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace claviger {
namespace {

std::vector<std::string_view> TableNames() {
  std::vector<std::string_view> names;
  for (const Setting& setting : Settings()) {
    if (names.empty() || names.back() != setting.table) names.push_back(setting.table);
  }
  return names;
}

// All tables as headers; `names` gets them without brackets.
std::vector<std::string> Headers(std::vector<std::string_view>& names) {
  names = TableNames();
  for (const SettingList& list : SettingLists()) names.push_back(list.table);
  std::vector<std::string> headers;
  headers.reserve(names.size());
  for (const std::string_view name : names) headers.push_back(TableHeader(name));
  return headers;
}

std::span<const Setting> SettingsOf(std::string_view table) {
  const SettingList* list = FindSettingList(table);
  return list != nullptr ? list->settings : Settings();
}

std::vector<std::string_view> NamesIn(std::string_view table) {
  std::vector<std::string_view> names;
  for (const Setting& setting : SettingsOf(table)) {
    if (setting.table == table) names.push_back(setting.name);
  }
  return names;
}

// The table of the first setting called `name`, "" if there is none.
std::string_view TableOf(std::string_view name) {
  for (const Setting& setting : Settings()) {
    if (setting.name == name) return setting.table;
  }
  for (const SettingList& list : SettingLists()) {
    if (FindSetting(list.table, name) != nullptr) return list.table;
  }
  return {};
}

}  // namespace

bool IsTable(std::string_view name) {
  const auto names = TableNames();
  return std::find(names.begin(), names.end(), name) != names.end();
}

const SettingList* FindSettingList(std::string_view name) {
  for (const SettingList& list : SettingLists()) {
    if (list.table == name) return &list;
  }
  return nullptr;
}

const Setting* FindSetting(std::string_view table, std::string_view name) {
  for (const Setting& setting : SettingsOf(table)) {
    if (setting.table == table && setting.name == name) return &setting;
  }
  return nullptr;
}

std::string TableHeader(std::string_view table) {
  return FindSettingList(table) != nullptr ? fmt::format("[[{}]]", table) : fmt::format("[{}]", table);
}

std::string UnknownTable(std::string_view name) {
  std::vector<std::string_view> names;
  const auto headers = Headers(names);
  const std::string_view near = NearestOf(name, names);
  const std::string shown = EscapeForDisplay(name);
  if (!near.empty()) return fmt::format("there is no table [{}]; did you mean {}", shown, TableHeader(near));
  return fmt::format("there is no table [{}]; the tables are {}", shown, fmt::join(headers, ", "));
}

std::string UnknownSetting(std::string_view table, std::string_view name) {
  const std::string shown = EscapeForDisplay(name);
  const std::string header = TableHeader(table);
  if (const std::string_view near = NearestOf(name, NamesIn(table)); !near.empty()) {
    return fmt::format("there is no setting {} in {}; did you mean {}", shown, header, near);
  }
  if (const std::string_view other = TableOf(name); !other.empty()) {
    return fmt::format("there is no setting {} in {}; it belongs to {}", shown, header, TableHeader(other));
  }
  return fmt::format("there is no setting {} in {}; it has {}", shown, header,
                     fmt::join(NamesIn(table), ", "));
}

std::string HomelessSetting(std::string_view name) {
  const std::string shown = EscapeForDisplay(name);
  if (const std::string_view table = TableOf(name); !table.empty()) {
    return fmt::format("{} stands outside its table; write it below {}", shown, TableHeader(table));
  }
  if (IsTable(name)) return fmt::format("{} is a table; write [{}] and its settings below", shown, shown);
  // What stands there as [[name]] is a list more likely than a table.
  std::vector<std::string_view> names;
  for (const SettingList& list : SettingLists()) names.push_back(list.table);
  for (const std::string_view table : TableNames()) names.push_back(table);
  if (const std::string_view near = NearestOf(name, names); !near.empty()) {
    return fmt::format("there is no setting {}; did you mean {}", shown, TableHeader(near));
  }
  return fmt::format("there is no setting {}; remove it", shown);
}

}  // namespace claviger
