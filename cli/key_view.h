// A key (io.claviger.Admin.Key) for people.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "base/clock.h"
#include "cli/context.h"
#include "cli/fields.h"
#include "cli/table.h"

namespace claviger::cli {

// Everything about a key.
Fields KeyFields(const boost::json::object& key, UnixSeconds now);
// What is reviewed after a key was issued or rotated.
Fields KeySummary(const boost::json::object& key, UnixSeconds now);

// The table of `key list`.
Table MakeKeyTable(const Terminal& terminal);
void AddKeyRow(Table& table, const boost::json::object& key, UnixSeconds now);

// Every field of a key as CSV, and the line with their names. Lists are separated by spaces.
std::string KeyCsvTitles();
std::string KeyCsvLine(const boost::json::object& key);

// A key's name in quotes and its id: `"backup" (02fy...)`.
std::string KeyTitle(const boost::json::object& key);

}  // namespace claviger::cli
