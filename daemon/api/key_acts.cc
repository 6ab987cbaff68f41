#include "daemon/api/key_acts.h"

#include <algorithm>
#include <array>
#include <utility>

#include "daemon/api/key_json.h"

namespace claviger::api {
namespace {

using Severity = Authority::Severity;

// What an act is to those who are told of it.
struct ActNews {
  std::string_view act;
  keys::Event event;
  bool has_reason;        // the record's end_reason was given for this act
  std::string_view said;  // what the log says was done; "" = nothing
  Severity severity;
};
constexpr std::array kNews = {
    ActNews{kActCreate, keys::Event::kCreated, false, "", Severity::kInfo},
    ActNews{kActEdit, keys::Event::kEdited, false, "", Severity::kInfo},
    ActNews{kActRotate, keys::Event::kRotated, false, "", Severity::kInfo},
    ActNews{kActPause, keys::Event::kPaused, true, "paused", Severity::kInfo},
    ActNews{kActResume, keys::Event::kResumed, false, "", Severity::kInfo},
    ActNews{kActRevoke, keys::Event::kRevoked, true, "revoked", Severity::kInfo},
    ActNews{kActPurge, keys::Event::kPurged, false, "purged", Severity::kInfo},
    ActNews{kActLeakReported, keys::Event::kLeaked, false, "reported as leaked", Severity::kWarning},
};

const ActNews& NewsOf(std::string_view act) {
  return *std::find_if(kNews.begin(), kNews.end(), [act](const ActNews& news) { return news.act == act; });
}

std::string LogLineOf(const ActNews& news, const keys::KeyRecord& record, const std::string& user) {
  std::string line =
      "key " + record.id.ToString() + " (" + record.name + ") was " + std::string(news.said) + " by " + user;
  if (news.has_reason && !record.end_reason.empty()) line += ": " + record.end_reason;
  return line;
}

}  // namespace

KeyActs::KeyActs(CallContext& context)
    : authority_(context.authority), live_(context.loop.live), actor_(ActorOf(context.session)) {
  const protocol::Peer& peer = context.session.peer;
  grantor_.user = actor_.user;
  grantor_.roles = context.session.roles;
  grantor_.ceilings = keys::CeilingsOf(live_->ceilings, peer.uid, peer.gid, peer.groups);
}

Result<std::optional<keys::KeyRecord>> KeyActs::FindOwn(store::Tables& tables, const keys::KeyId& id,
                                                        ManagementOutcome& outcome) const {
  auto found = tables.keys.Find(id);
  if (!found) return found.error();
  if (!*found) {
    outcome.refusal = KeyNotFound(id);
  } else if (const Status own = keys::MayEnd(grantor_, **found); !own) {
    outcome.refusal = RefusalOf(own.error());
    found->reset();
  }
  return found;
}

Status KeyActs::PutOnRecord(store::Tables& tables, KeyAct act, UnixSeconds now,
                            ManagementOutcome& outcome) const {
  const keys::KeyRecord& record = act.after != nullptr ? *act.after : *act.before;
  audit::Act entry;
  entry.actor = actor_;
  entry.name = act.name;
  entry.subject = record.id.ToString();
  if (act.before != nullptr) entry.before = KeyAuditText(*act.before, now);
  if (act.after != nullptr) entry.after = KeyAuditText(*act.after, now, act.more);
  const auto sequence = authority_.audit().Append(tables.database, entry, now);
  if (!sequence) return sequence.error();

  const ActNews& news = NewsOf(act.name);
  if (!news.said.empty()) outcome.log.push_back({news.severity, LogLineOf(news, record, actor_.user)});
  if (news.has_reason && !record.end_reason.empty()) act.more["reason"] = record.end_reason;
  act.more["by"] = actor_.user;
  return authority_.notices().Add(tables, live_->notices, news.event, record, act.more, now);
}

void KeyActs::SumUpLog(std::string_view act, const std::string& reason, ManagementOutcome& outcome) const {
  if (outcome.log.size() <= kMaxKeysLogged) return;
  const ActNews& news = NewsOf(act);
  std::string line =
      std::to_string(outcome.log.size()) + " keys were " + std::string(news.said) + " by " + grantor_.user;
  if (!reason.empty()) line += ": " + reason;
  outcome.log.assign(1, {news.severity, std::move(line)});
}

Status KeyActs::ShowRecord(store::Tables& tables, const keys::KeyRecord& record, UnixSeconds now,
                           ManagementOutcome& outcome) const {
  const auto usage = tables.usage.Find(record.id);
  if (!usage) return usage.error();
  outcome.reply["record"] = KeyJson(record, *usage, now);
  return Ok();
}

Status KeyActs::Complete(store::Tables& tables, const keys::KeyRecord& record, UnixSeconds now,
                         ManagementOutcome& outcome) const {
  outcome.publish.push_back(record);
  return ShowRecord(tables, record, now, outcome);
}

}  // namespace claviger::api
