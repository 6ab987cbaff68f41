#include "cli/key_view.h"

#include <fmt/format.h>

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <vector>

#include "base/text.h"
#include "cli/accounts.h"
#include "cli/csv.h"
#include "cli/json_view.h"
#include "cli/time_view.h"

namespace claviger::cli {
namespace {

// The columns of the CSV: members of the type Key.
constexpr std::array<std::string_view, 32> kCsvFields = {
    "key_id",
    "name",
    "description",
    "owner",
    "team",
    "creator",
    "state",
    "created_at",
    "not_before",
    "expires_at",
    "scopes",
    "bundles",
    "unscoped",
    "unscoped_reason",
    "replaces",
    "generation",
    "generation_created_at",
    "previous_generation_ends_at",
    "previous_generation_until_used",
    "first_used_at",
    "last_used_at",
    "last_used_by_uid",
    "uses",
    "denials",
    "last_denied_at",
    "last_denied_by_uid",
    "last_denial",
    "ended_secret_presented_at",
    "paused_by",
    "revoked_at",
    "end_reason",
    "version",
};

std::string TimeOf(const boost::json::object& key, std::string_view name, UnixSeconds now) {
  return ShowTime(ShownText(key, name), now);
}

void AddScopes(Fields& fields, const boost::json::object& key) {
  if (BoolOf(key, "unscoped")) {
    fields.Add("scopes", "unscoped: full access");
    fields.Add("reason", ShownText(key, "unscoped_reason"));
  } else {
    fields.AddList("scopes", ShownList(key, "scopes"));
    fields.Add("from bundles", fmt::format("{}", fmt::join(ShownList(key, "bundles"), ", ")));
  }
}

void AddSecrets(Fields& fields, const boost::json::object& key, UnixSeconds now) {
  fields.Add("generation", fmt::format("{}, since {}", IntOf(key, "generation"),
                                       TimeOf(key, "generation_created_at", now)));
  std::string ends = TimeOf(key, "previous_generation_ends_at", now);
  if (!ends.empty() && BoolOf(key, "previous_generation_until_used")) {
    ends += ", or as soon as the new one is used";
  }
  fields.Add("old secret ends", ends);
  fields.Add("ended secret seen", TimeOf(key, "ended_secret_presented_at", now));
}

std::string Times(std::int64_t count) { return count == 1 ? "once" : fmt::format("{} times", count); }

// "alice (uid 1001)"; "" if the member is absent.
std::string UserOf(const boost::json::object& key, std::string_view name) {
  if (key.if_contains(name) == nullptr) return "";
  const std::int64_t uid = IntOf(key, name);
  const std::string user = UserName(uid);
  const std::string number = fmt::format("uid {}", uid);
  return user == number ? number : fmt::format("{} ({})", user, number);
}

void AddUsage(Fields& fields, const boost::json::object& key, UnixSeconds now) {
  const std::int64_t uses = IntOf(key, "uses");
  if (uses == 0) {
    fields.Add("used", "never");
  } else {
    const std::string user = UserOf(key, "last_used_by_uid");
    fields.Add("used", Times(uses) + (user.empty() ? "" : ", last by " + user));
    fields.Add("first used", TimeOf(key, "first_used_at", now));
    fields.Add("last used", TimeOf(key, "last_used_at", now));
  }
  const std::int64_t denials = IntOf(key, "denials");
  if (denials == 0) return;
  const std::string code = ShownText(key, "last_denial");
  fields.Add("denied", Times(denials) + (code.empty() ? "" : ", last as " + code));
  fields.Add("last denied", TimeOf(key, "last_denied_at", now));
  fields.Add("denied to", UserOf(key, "last_denied_by_uid"));
}

// A key that has ended has no time left.
std::string ExpiresIn(const boost::json::object& key, std::string_view state, UnixSeconds now) {
  if (state == "revoked") return "-";
  const std::string distance = Distance(ShownText(key, "expires_at"), now);
  return distance.starts_with("in ") ? distance.substr(3) : distance;
}

// A member as one cell: "" if absent.
std::string CsvCell(const boost::json::object& key, std::string_view name) {
  const boost::json::value* member = key.if_contains(name);
  if (member == nullptr) return "";
  if (member->is_bool()) return member->get_bool() ? "true" : "false";
  if (member->is_int64()) return ShownInt(key, name);
  if (member->is_array()) return fmt::format("{}", fmt::join(ShownList(key, name), " "));
  return ShownText(key, name);
}

}  // namespace

Fields KeyFields(const boost::json::object& key, UnixSeconds now) {
  Fields fields;
  fields.Add("key id", ShownText(key, "key_id"));
  fields.Add("name", ShownText(key, "name"));
  fields.Add("description", ShownText(key, "description"));
  fields.Add("owner", ShownText(key, "owner"));
  fields.Add("team", ShownText(key, "team"));
  fields.Add("creator", ShownText(key, "creator"));
  fields.Add("state", ShownText(key, "state"));
  fields.Add("paused by", ShownText(key, "paused_by"));
  fields.Add("revoked", TimeOf(key, "revoked_at", now));
  fields.Add("end reason", ShownText(key, "end_reason"));
  fields.Add("replaces", ShownText(key, "replaces"));
  fields.Add("created", TimeOf(key, "created_at", now));
  fields.Add("valid from", TimeOf(key, "not_before", now));
  fields.Add("expires", TimeOf(key, "expires_at", now));
  AddScopes(fields, key);
  AddSecrets(fields, key, now);
  AddUsage(fields, key, now);
  fields.Add("version", ShownInt(key, "version"));
  return fields;
}

Fields KeySummary(const boost::json::object& key, UnixSeconds now) {
  Fields fields;
  fields.Add("key id", ShownText(key, "key_id"));
  fields.Add("name", ShownText(key, "name"));
  fields.Add("description", ShownText(key, "description"));
  fields.Add("owner", ShownText(key, "owner"));
  fields.Add("team", ShownText(key, "team"));
  AddScopes(fields, key);
  if (ShownText(key, "state") == "pending") fields.Add("valid from", TimeOf(key, "not_before", now));
  fields.Add("expires", TimeOf(key, "expires_at", now));
  if (IntOf(key, "generation") > 1) fields.Add("generation", ShownInt(key, "generation"));
  fields.Add("old secret ends", TimeOf(key, "previous_generation_ends_at", now));
  return fields;
}

Table MakeKeyTable(const Terminal& terminal) {
  return Table({{"key id", 0},
                {"name", 0, true},
                {"owner", 5},
                {"team", 8},
                {"creator", 6},
                {"scopes", 3},
                {"state", 0},
                {"created", 9},
                {"last used", 4},
                {"uses", 7},
                {"denials", 10},
                {"generation", 11},
                {"expires in", 1}},
               terminal);
}

void AddKeyRow(Table& table, const boost::json::object& key, UnixSeconds now) {
  const std::string state = ShownText(key, "state");
  const bool unscoped = BoolOf(key, "unscoped");
  const bool used = IntOf(key, "uses") != 0;
  table.AddRow({{ShownText(key, "key_id")},
                {ShownText(key, "name")},
                {ShownText(key, "owner")},
                {ShownText(key, "team")},
                {ShownText(key, "creator")},
                {unscoped ? "unscoped" : std::to_string(ArrayOf(key, "scopes").size()),
                 unscoped ? Style::kAttention : Style::kPlain},
                {state, StyleOfState(state)},
                {Distance(ShownText(key, "created_at"), now)},
                {used ? Distance(ShownText(key, "last_used_at"), now) : "never"},
                {ShownInt(key, "uses")},
                {ShownInt(key, "denials")},
                {ShownInt(key, "generation")},
                {ExpiresIn(key, state, now)}});
}

std::string KeyCsvTitles() { return CsvLine({kCsvFields.begin(), kCsvFields.end()}); }

std::string KeyCsvLine(const boost::json::object& key) {
  std::vector<std::string> cells;
  cells.reserve(kCsvFields.size());
  for (const std::string_view field : kCsvFields) cells.push_back(CsvCell(key, field));
  return CsvLine(cells);
}

std::string KeyTitle(const boost::json::object& key) {
  return fmt::format("\"{}\" ({})", ShownText(key, "name"), ShownText(key, "key_id"));
}

}  // namespace claviger::cli
