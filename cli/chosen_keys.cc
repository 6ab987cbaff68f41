#include "cli/chosen_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <set>
#include <utility>

#include "base/text.h"
#include "cli/accounts.h"
#include "cli/issued_key.h"
#include "cli/json_view.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "cli/time_view.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kMostServicesNamed = 50;  // each costs a call

// The service that used the key last: "report.service"; "" if it has none or that cannot be told.
std::string ServiceOf(Context& context, const std::string& id) {
  const auto reply = context.daemon().Admin("GetKey", {{"key_id", id}});
  if (!reply) return "";
  const auto callers = ObjectsOf(ArrayOf(reply->parameters, "callers"));
  return callers.empty() ? std::string() : ShownText(*callers.front(), "unit");
}

std::string UserOf(Context& context, const ChosenKey& key, bool with_service) {
  if (!key.last_used_by) return "";
  std::string user = UserName(*key.last_used_by);
  if (!with_service) return user;
  const std::string service = ServiceOf(context, key.id);
  return service.empty() ? user : fmt::format("{} ({})", user, service);
}

std::string LastUsed(const ChosenKey& key, UnixSeconds now) {
  return key.last_used_at.empty() ? "never" : Distance(key.last_used_at, now);
}

}  // namespace

const std::string& ChosenKey::ended_at() const {
  static const std::string kNot;
  if (state == "revoked") return revoked_at;
  return state == "expired" ? expires_at : kNot;
}

std::string ChosenKey::title() const { return fmt::format("\"{}\" ({})", name, id); }

ChosenKey ChosenOf(const boost::json::object& record, bool keep_record) {
  ChosenKey key;
  key.id = ShownText(record, "key_id");
  key.name = ShownText(record, "name");
  key.owner = ShownText(record, "owner");
  key.state = ShownText(record, "state");
  key.version = IntOf(record, "version");
  key.uses = IntOf(record, "uses");
  key.last_used_at = ShownText(record, "last_used_at");
  if (record.contains("last_used_by_uid")) key.last_used_by = IntOf(record, "last_used_by_uid");
  key.expires_at = ShownText(record, "expires_at");
  key.revoked_at = ShownText(record, "revoked_at");
  if (keep_record) key.record = record;
  return key;
}

Outcome<void> ForEachKey(Context& context, boost::json::object filter,
                         const std::function<void(const boost::json::object& record)>& visit) {
  filter["limit"] = kLargestPage;
  Progress progress(context, "found");
  std::size_t found = 0;
  for (std::string next = "first"; !next.empty();) {
    const auto reply = context.daemon().Admin("ListKeys", filter);
    if (!reply) return reply.error();
    const auto records = ObjectsOf(ArrayOf(reply->parameters, "keys"));
    for (const boost::json::object* record : records) visit(*record);
    found += records.size();
    next = ShownText(reply->parameters, "next_after");
    filter["after"] = next;
    if (!next.empty()) progress.Show(found);
  }
  return {};
}

Outcome<ChosenKeys> ChooseNamed(Context& context, bool keep_records) {
  const auto ids = KeyIdArguments(context);
  if (!ids) return ids.error();
  ChosenKeys chosen;
  for (const std::string& id : *ids) {
    const auto reply = context.daemon().Admin("GetKey", {{"key_id", id}});
    if (reply) {
      chosen.keys.push_back(ChosenOf(ObjectOf(reply->parameters, "record"), keep_records));
    } else if (ids->size() > 1 && reply.error().exit_status == protocol::kExitNotValid) {
      chosen.absent.push_back({EscapeForDisplay(id), "there is no such key"});
    } else {
      Failure failure = reply.error();
      if (ids->size() > 1) failure.message = fmt::format("{}: {}", EscapeForDisplay(id), failure.message);
      return failure;
    }
  }
  SortLastUsedFirst(chosen.keys);
  return chosen;
}

Outcome<ChosenKeys> ChooseFiltered(Context& context, boost::json::object filter,
                                   std::span<const std::string_view> states, bool keep_records) {
  if (!filter.contains("states")) filter["states"] = boost::json::array(states.begin(), states.end());
  ChosenKeys chosen;
  const auto walked = ForEachKey(context, std::move(filter), [&](const boost::json::object& record) {
    chosen.keys.push_back(ChosenOf(record, keep_records));
  });
  if (!walked) return walked.error();
  SortLastUsedFirst(chosen.keys);
  return chosen;
}

void SortLastUsedFirst(std::vector<ChosenKey>& keys) {
  // Times in this form are in the order of their texts; "never" is the earliest.
  std::stable_sort(keys.begin(), keys.end(),
                   [](const ChosenKey& a, const ChosenKey& b) { return a.last_used_at > b.last_used_at; });
}

std::string ChosenTable(Context& context, std::span<const ChosenKey> keys, std::size_t most) {
  const bool ended =
      std::any_of(keys.begin(), keys.end(), [](const ChosenKey& key) { return !key.ended_at().empty(); });
  std::vector<Column> columns = {{"key id", 0},    {"name", 0, true}, {"owner", 4}, {"state", 3},
                                 {"last used", 0}, {"by", 1, true},   {"uses", 5}};
  columns.push_back(ended ? Column{"ended", 2} : Column{"ends", 2});
  Table table(std::move(columns), context.terminal());
  const UnixSeconds now = context.now();
  std::size_t services = 0;
  for (const ChosenKey& key : keys.first(std::min(most, keys.size()))) {
    const bool with_service = key.last_used_by.has_value() && services < kMostServicesNamed;
    services += with_service ? 1 : 0;
    table.AddRow({{key.id},
                  {key.name},
                  {key.owner},
                  {key.state, StyleOfState(key.state)},
                  {LastUsed(key, now)},
                  {UserOf(context, key, with_service)},
                  {std::to_string(key.uses)},
                  {ended ? Distance(key.ended_at(), now) : Distance(key.expires_at, now)}});
  }
  std::string text = table.Render();
  if (keys.size() > most) text += fmt::format("... and {} more\n", keys.size() - most);
  return text;
}

boost::json::object ChosenJson(std::span<const ChosenKey> keys) {
  boost::json::array records;
  for (const ChosenKey& key : keys) records.push_back(key.record);
  return {{"keys", std::move(records)}};
}

std::string CountOfKeys(std::size_t count) {
  return count == 1 ? std::string("1 key") : fmt::format("{} keys", count);
}

}  // namespace claviger::cli
