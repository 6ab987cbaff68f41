#include "cli/key_view.h"

#include <fmt/format.h>

#include <vector>

#include "cli/json_view.h"
#include "cli/time_view.h"

namespace claviger::cli {
namespace {

std::string TimeOf(const boost::json::object& key, std::string_view name, UnixSeconds now) {
  return ShowTime(ShownText(key, name), now);
}

void AddScopes(Fields& fields, const boost::json::object& key) {
  if (BoolOf(key, "unscoped")) {
    fields.Add("scopes", "unscoped: full access");
    fields.Add("reason", ShownText(key, "unscoped_reason"));
  } else {
    fields.AddList("scopes", ShownList(key, "scopes"));
  }
}

std::string Times(std::int64_t count) { return count == 1 ? "once" : fmt::format("{} times", count); }

void AddUsage(Fields& fields, const boost::json::object& key, UnixSeconds now) {
  const std::int64_t uses = IntOf(key, "uses");
  if (uses == 0) {
    fields.Add("used", "never");
  } else {
    fields.Add("used", fmt::format("{}, last by uid {}", Times(uses), ShownInt(key, "last_used_by_uid")));
    fields.Add("first used", TimeOf(key, "first_used_at", now));
    fields.Add("last used", TimeOf(key, "last_used_at", now));
  }
  const std::int64_t denials = IntOf(key, "denials");
  if (denials != 0) fields.Add("denied", Times(denials));
}

// A key that has ended has no time left.
std::string ExpiresIn(const boost::json::object& key, std::string_view state, UnixSeconds now) {
  if (state == "revoked") return "-";
  const std::string distance = Distance(ShownText(key, "expires_at"), now);
  return distance.starts_with("in ") ? distance.substr(3) : distance;
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
  fields.Add("revoked", TimeOf(key, "revoked_at", now));
  fields.Add("end reason", ShownText(key, "end_reason"));
  fields.Add("created", TimeOf(key, "created_at", now));
  fields.Add("valid from", TimeOf(key, "not_before", now));
  fields.Add("expires", TimeOf(key, "expires_at", now));
  AddScopes(fields, key);
  fields.Add("generation", fmt::format("{}, since {}", IntOf(key, "generation"),
                                       TimeOf(key, "generation_created_at", now)));
  fields.Add("old secret ends", TimeOf(key, "previous_generation_ends_at", now));
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
                {"creator", 6},
                {"scopes", 3},
                {"state", 0},
                {"used", 4},
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
                {ShownText(key, "creator")},
                {unscoped ? "unscoped" : std::to_string(ArrayOf(key, "scopes").size()),
                 unscoped ? Style::kAttention : Style::kPlain},
                {state, StyleOfState(state)},
                {used ? Distance(ShownText(key, "last_used_at"), now) : "never"},
                {ExpiresIn(key, state, now)}});
}

std::string KeyTitle(const boost::json::object& key) {
  return fmt::format("\"{}\" ({})", ShownText(key, "name"), ShownText(key, "key_id"));
}

}  // namespace claviger::cli
