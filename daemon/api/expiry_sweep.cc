#include "daemon/api/expiry_sweep.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <memory>
#include <utility>

#include "daemon/api/store_steps.h"

namespace claviger::api {
namespace {

using keys::KeyState;

// Without the small units, which only make it harder to read.
std::string RoughDuration(std::int64_t seconds) {
  const std::int64_t unit = seconds >= 86400 ? 3600 : seconds >= 3600 ? 60 : 1;
  return FormatDuration(std::max<std::int64_t>(seconds - seconds % unit, 1));
}

}  // namespace

std::optional<std::int64_t> DueStep(std::span<const std::int64_t> steps, UnixSeconds begins,
                                    UnixSeconds expires, UnixSeconds now) {
  if (expires <= now) return std::nullopt;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    if (expires - *step <= now) return expires - *step > begins ? std::optional(*step) : std::nullopt;
  }
  return std::nullopt;
}

std::string AnnouncementLine(const Announcement& announcement, UnixSeconds now) {
  const std::string id = announcement.id.ToString();
  std::string whose = announcement.name + ", " + announcement.owner;
  if (!announcement.team.empty()) whose += ", " + announcement.team;
  return "key " + id + " (" + whose + ") ends in " + RoughDuration(announcement.expires - now) +
         "; rotate it with: claviger key rotate " + id;
}

ExpirySweep::ExpirySweep(Authority& authority, LiveSettingsPtr live, audit::Actor actor)
    : authority_(authority),
      live_(std::move(live)),
      actor_(std::move(actor)),
      now_(authority.clock().Now()) {}

Result<bool> ExpirySweep::Step(store::Tables& tables) {
  if (live_->notices.steps.empty()) return true;
  if (!started_) {
    const auto last = tables.keys.LastRef();
    if (!last) return last.error();
    started_ = true;
    walk_ = RefWalk({1, *last}, store::KeyRepository::kWalkStep);
  }
  if (due_.empty() && !walk_.done()) {
    if (const Status scanned = Scan(tables); !scanned) return scanned.error();
  } else {
    for (std::size_t i = 0; i < kAnnouncementsPerStep && !due_.empty(); ++i) {
      if (const Status announced = Announce(tables, due_.back()); !announced) return announced.error();
      due_.pop_back();
    }
  }
  return due_.empty() && walk_.done();
}

Status ExpirySweep::Scan(store::Tables& tables) {
  const std::vector<std::int64_t>& steps = live_->notices.steps;
  store::KeyFilter filter;
  filter.now = now_;
  filter.states = {KeyState::kPending, KeyState::kActive, KeyState::kPaused};
  filter.expires = {now_ + 1, now_ + steps.front() + 1};
  const auto keys = tables.keys.Summaries(filter, walk_.Next());
  if (!keys) return keys.error();
  for (const store::KeySummary& key : *keys) {
    const UnixSeconds begins = std::max(key.generation_created, key.not_before);
    if (const auto step = DueStep(steps, begins, key.expires, now_)) due_.push_back({key.id, *step});
  }
  std::reverse(due_.begin(), due_.end());
  return Ok();
}

Status ExpirySweep::Announce(store::Tables& tables, const Due& due) {
  const auto record = tables.keys.Find(due.id);
  if (!record) return record.error();
  // It may have been changed since the scan; then the next sweep looks at it anew.
  if (!*record || (*record)->expires - due.step > now_ || (*record)->state == keys::RecordState::kRevoked)
    return Ok();
  const keys::KeyRecord& key = **record;
  const auto first = tables.notices.MarkAnnounced(key.id, key.expires, due.step);
  if (!first) return first.error();
  if (!*first) return Ok();
  if (Status marked = MarkLonger(tables, key, due.step); !marked) return marked;

  audit::Act act;
  act.actor = actor_;
  act.name = keys::EventName(keys::Event::kExpiring);
  act.subject = key.id.ToString();
  act.after = boost::json::serialize(boost::json::object{{"key_id", act.subject},
                                                         {"name", key.name},
                                                         {"owner", key.owner},
                                                         {"expires_at", FormatTime(key.expires)},
                                                         {"step", due.step}});
  const auto recorded = authority_.audit().Append(tables.database, act, now_);
  if (!recorded) return recorded.error();
  if (Status added = authority_.notices().Add(tables, live_->notices, keys::Event::kExpiring, key,
                                              {{"step", due.step}}, now_);
      !added) {
    return added;
  }
  announced_.push_back({key.id, key.name, key.owner, key.team, key.expires, due.step});
  return Ok();
}

// The longer steps are due as well; they would say nothing more.
Status ExpirySweep::MarkLonger(store::Tables& tables, const keys::KeyRecord& record, std::int64_t step) {
  for (const std::int64_t longer : live_->notices.steps) {
    if (longer <= step) break;
    if (const auto marked = tables.notices.MarkAnnounced(record.id, record.expires, longer); !marked) {
      return marked.error();
    }
  }
  return Ok();
}

std::vector<Announcement> ExpirySweep::Take() { return std::exchange(announced_, {}); }

std::vector<std::string> AnnouncementLog::Add(const std::vector<Announcement>& announced, UnixSeconds now) {
  std::vector<std::string> lines;
  for (const Announcement& announcement : announced) {
    if (told_ == kAnnouncementsLogged) {
      ++left_out_;
    } else {
      ++told_;
      lines.push_back(AnnouncementLine(announcement, now));
    }
  }
  return lines;
}

std::string AnnouncementLog::Rest() const {
  if (left_out_ == 0) return "";
  return std::to_string(left_out_) + " more keys end soon; see: claviger review";
}

void SweepExpiries(Authority& authority) {
  auto sweep = std::make_shared<ExpirySweep>(authority, authority.settings().Get(), Authority::Self());
  auto log = std::make_shared<AnnouncementLog>();
  StoreSteps steps;
  steps.step = [sweep](store::Tables& tables) { return sweep->Step(tables); };
  steps.committed = [&authority, sweep, log] {
    for (const std::string& line : log->Add(sweep->Take(), sweep->now()))
      authority.LogAct(Authority::Severity::kWarning, line);
  };
  steps.done = [&authority, log](const Status& status) {
    if (const std::string rest = log->Rest(); !rest.empty())
      authority.LogAct(Authority::Severity::kWarning, rest);
    if (!status) {
      authority.LogLine(Authority::Severity::kWarning,
                        "not all keys that end soon could be announced: " + status.error().message());
    }
  };
  RunSteps(authority.store(), store::WorkKind::kWrite, std::move(steps));
}

}  // namespace claviger::api
