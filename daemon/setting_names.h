// What tables and settings there are, and what to say of those that there are not.
#pragma once

#include <string>
#include <string_view>

#include "daemon/setting.h"

namespace claviger {

// Whether there is a [name] (not a [[name]]).
bool IsTable(std::string_view name);
// The list of [[name]], nullptr if there is none.
const SettingList* FindSettingList(std::string_view name);
// Also of the entries of lists; nullptr if there is none.
const Setting* FindSetting(std::string_view table, std::string_view name);

// "[log]", "[[rule]]".
std::string TableHeader(std::string_view table);

// A whole sentence for each: what is wrong, and what was probably meant.
std::string UnknownTable(std::string_view name);
std::string UnknownSetting(std::string_view table, std::string_view name);
// A setting that stands before the first table.
std::string HomelessSetting(std::string_view name);

}  // namespace claviger
