#include "daemon/api/key_json.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <string_view>

namespace claviger::api {
namespace {

void AddText(boost::json::object& object, std::string_view name, std::string_view text) {
  if (!text.empty()) object[name] = text;
}

void AddTime(boost::json::object& object, std::string_view name, const std::optional<UnixSeconds>& time) {
  if (time) object[name] = FormatTime(*time);
}

void AddUsage(boost::json::object& object, const std::optional<store::Usage>& usage) {
  if (usage && usage->uses > 0) {
    AddTime(object, "first_used_at", usage->first_used);
    AddTime(object, "last_used_at", usage->last_used);
    object["last_used_by_uid"] = usage->last_uid;
  }
  object["uses"] = usage ? usage->uses : 0;
  object["denials"] = usage ? usage->denials : 0;
}

boost::json::object RecordJson(const keys::KeyRecord& record, UnixSeconds now) {
  boost::json::object object;
  object["key_id"] = record.id.ToString();
  object["version"] = record.version;
  object["name"] = record.name;
  AddText(object, "description", record.description);
  object["owner"] = record.owner;
  AddText(object, "team", record.team);
  object["creator"] = record.creator;
  object["state"] = keys::KeyStateName(record.StateAt(now));
  AddTime(object, "created_at", record.created);
  AddTime(object, "not_before", record.not_before);
  AddTime(object, "expires_at", record.expires);
  object["scopes"] = boost::json::array(record.scopes.begin(), record.scopes.end());
  object["unscoped"] = record.unscoped;
  AddText(object, "unscoped_reason", record.unscoped_reason);
  object["generation"] = record.current().number;
  AddTime(object, "generation_created_at", record.current().created);
  if (record.generations.size() > 1)
    AddTime(object, "previous_generation_ends_at", record.generations.front().ends);
  return object;
}

void AddEnd(boost::json::object& object, const keys::KeyRecord& record) {
  AddTime(object, "revoked_at", record.revoked_at);
  AddText(object, "end_reason", record.end_reason);
}

// An object that this daemon serialised itself.
void AddObject(boost::json::object& object, std::string_view name, const std::string& text) {
  if (text.empty()) return;
  boost::system::error_code failed;
  boost::json::value value = boost::json::parse(text, failed);
  if (!failed && value.is_object()) object[name] = std::move(value);
}

std::string Hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace

boost::json::object KeyJson(const keys::KeyRecord& record, const std::optional<store::Usage>& usage,
                            UnixSeconds now) {
  boost::json::object object = RecordJson(record, now);
  AddUsage(object, usage);
  AddEnd(object, record);
  return object;
}

std::string KeyAuditText(const keys::KeyRecord& record, UnixSeconds now) {
  boost::json::object object = RecordJson(record, now);
  AddEnd(object, record);
  return boost::json::serialize(object);
}

boost::json::object ScopeJson(const keys::CatalogueScope& scope) {
  boost::json::object object;
  object["name"] = scope.name;
  object["action"] = keys::ScopeActionName(scope.action);
  AddText(object, "domain", scope.domain);
  object["summary"] = scope.summary;
  AddText(object, "description", scope.description);
  AddText(object, "evidence", scope.evidence);
  return object;
}

boost::json::object AuditJson(const audit::AuditRecord& record) {
  boost::json::object object;
  object["sequence"] = record.sequence;
  object["epoch"] = record.epoch;
  object["at"] = FormatTime(record.at);
  object["user"] = record.act.actor.user;
  object["uid"] = record.act.actor.uid;
  object["gid"] = record.act.actor.gid;
  object["pid"] = record.act.actor.pid;
  AddText(object, "unit", record.act.actor.unit);
  AddText(object, "command", record.act.actor.command);
  object["act"] = record.act.name;
  AddText(object, "subject", record.act.subject);
  AddObject(object, "before", record.act.before);
  AddObject(object, "after", record.act.after);
  object["mac"] = Hex(record.mac);
  return object;
}

}  // namespace claviger::api
