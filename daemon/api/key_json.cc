#include "daemon/api/key_json.h"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <string_view>

#include "daemon/keys/verdict.h"

namespace claviger::api {
namespace {

// What the JSON of a record with few scopes takes while its text is made.
constexpr std::size_t kUsualAuditBytes = 4096;

void AddText(boost::json::object& object, std::string_view name, std::string_view text) {
  if (!text.empty()) object[name] = text;
}

void AddTime(boost::json::object& object, std::string_view name, const std::optional<UnixSeconds>& time) {
  if (!time) return;
  std::array<char, kTimeTextBytes> text;
  WriteTimeText(*time, text);
  object[name] = std::string_view(text.data(), text.size());
}

boost::json::array TextArray(const std::vector<std::string>& texts,
                             const boost::json::storage_ptr& storage = {}) {
  return boost::json::array(texts.begin(), texts.end(), storage);
}

void AddUsage(boost::json::object& object, const store::Usage& usage) {
  if (usage.uses > 0) {
    AddTime(object, "first_used_at", usage.first_used);
    AddTime(object, "last_used_at", usage.last_used);
    object["last_used_by_uid"] = usage.last_uid;
  }
  object["uses"] = usage.uses;
  object["denials"] = usage.denials;
  if (usage.last_denied != 0) {
    AddTime(object, "last_denied_at", usage.last_denied);
    object["last_denied_by_uid"] = usage.last_denied_uid;
    if (usage.last_denial) object["last_denial"] = keys::VerdictCodeName(*usage.last_denial);
  }
  if (usage.ended_secret_presented != 0) {
    AddTime(object, "ended_secret_presented_at", usage.ended_secret_presented);
  }
}

boost::json::object RecordJson(const keys::KeyRecord& record, UnixSeconds now,
                               const boost::json::storage_ptr& storage = {}) {
  constexpr std::size_t kUsualMembers = 18;  // boost looks through so many without a hash table
  boost::json::object object(kUsualMembers, storage);
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
  object["scopes"] = TextArray(record.scopes, storage);
  object["bundles"] = TextArray(record.bundles, storage);
  object["unscoped"] = record.unscoped;
  AddText(object, "unscoped_reason", record.unscoped_reason);
  if (record.replaces) object["replaces"] = record.replaces->ToString();
  object["generation"] = record.current().number;
  AddTime(object, "generation_created_at", record.current().created);
  if (record.generations.size() > 1) {
    AddTime(object, "previous_generation_ends_at", record.generations.front().ends);
    object["previous_generation_until_used"] = record.generations.front().until_used;
  }
  return object;
}

void AddEnd(boost::json::object& object, const keys::KeyRecord& record) {
  AddText(object, "paused_by", record.paused_by);
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
                            UnixSeconds now, const boost::json::storage_ptr& storage) {
  boost::json::object object = RecordJson(record, now, storage);
  AddUsage(object, usage.value_or(store::Usage{}));
  AddEnd(object, record);
  return object;
}

std::string KeyAuditText(const keys::KeyRecord& record, UnixSeconds now, const boost::json::object& more) {
  std::array<unsigned char, kUsualAuditBytes> room;  // more than that is taken from the heap
  boost::json::monotonic_resource memory(room.data(), room.size());
  boost::json::object object = RecordJson(record, now, &memory);
  AddEnd(object, record);
  for (const auto& member : more) object[member.key()] = member.value();
  return boost::json::serialize(object);
}

boost::json::object TermsJson(const keys::KeyTerms& terms, std::string_view creator) {
  const keys::KeyRequest& request = terms.request;
  boost::json::object object;
  object["name"] = request.name;
  AddText(object, "description", request.description);
  object["owner"] = request.owner;
  AddText(object, "team", request.team);
  object["creator"] = creator;
  AddTime(object, "not_before", terms.not_before);
  AddTime(object, "expires_at", terms.expires);
  object["scopes"] = TextArray(request.scopes);
  object["bundles"] = TextArray(request.bundles);
  object["unscoped"] = request.unscoped;
  AddText(object, "unscoped_reason", request.unscoped_reason);
  if (request.replaces) object["replaces"] = request.replaces->ToString();
  return object;
}

boost::json::object CallerJson(const store::CallerUse& use) {
  boost::json::object object;
  object["generation"] = use.generation;
  object["uid"] = use.caller.uid;
  AddText(object, "unit", use.caller.unit);
  AddTime(object, "first_used_at", use.first_used);
  AddTime(object, "last_used_at", use.last_used);
  object["uses"] = use.uses;
  return object;
}

boost::json::object AskedScopeJson(const store::AskedScope& asked) {
  return {{"scope", asked.scope}, {"last_asked_at", FormatTime(asked.last_asked)}};
}

boost::json::object BundleJson(const keys::ScopeBundle& bundle) {
  return {{"name", bundle.name}, {"summary", bundle.summary}, {"scopes", TextArray(bundle.scopes)}};
}

boost::json::object CatalogueFileJson(const keys::CatalogueFile& file) {
  boost::json::object object;
  object["file"] = file.file_name;
  AddText(object, "name", file.name);
  AddText(object, "domain", file.domain);
  if (file.version != 0) object["version"] = file.version;
  object["scopes"] = file.scopes;
  return object;
}

boost::json::object CeilingJson(const keys::Ceiling& ceiling) {
  boost::json::array scopes;
  for (const keys::ScopePattern& scope : ceiling.scopes) scopes.emplace_back(scope.text());
  return {{"scopes", std::move(scopes)},
          {"owners", TextArray(ceiling.owners)},
          {"maximum_lifetime", ceiling.maximum_lifetime},
          {"unscoped", ceiling.unscoped}};
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
