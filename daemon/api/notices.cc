#include "daemon/api/notices.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <utility>

namespace claviger::api {

Status Notices::Add(store::Tables& tables, const keys::NoticeSettings& settings, keys::Event event,
                    const keys::KeyRecord& record, const boost::json::object& more, UnixSeconds now) {
  const auto wants = [&](const keys::NoticeCommand& command) { return command.Wants(event); };
  if (std::none_of(settings.commands.begin(), settings.commands.end(), wants)) return Ok();
  const std::string_view name = keys::EventName(event);
  boost::json::object body;
  body["event"] = name;
  body["at"] = FormatTime(now);
  body["key_id"] = record.id.ToString();
  body["name"] = record.name;
  body["owner"] = record.owner;
  body["team"] = record.team;
  body["creator"] = record.creator;
  body["state"] = keys::KeyStateName(record.StateAt(now));
  body["expires_at"] = FormatTime(record.expires);
  for (const auto& [field, value] : more) body[field] = value;
  const auto added = tables.notices.Add(now, name, boost::json::serialize(body));
  if (!added) return added.error();
  const MutexLock lock(mutex_);
  if (wake_) wake_();
  return Ok();
}

void Notices::SetWake(std::function<void()> wake) {
  const MutexLock lock(mutex_);
  wake_ = std::move(wake);
}

}  // namespace claviger::api
