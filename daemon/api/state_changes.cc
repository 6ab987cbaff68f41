#include "daemon/api/state_changes.h"

#include <boost/json/array.hpp>
#include <utility>

namespace claviger::api {
namespace {

using keys::KeyRecord;
using keys::RecordState;
using Changed = Result<std::optional<KeyRecord>>;

Changed Revoked(const KeyRecord& record, const keys::Grantor&, const std::string& reason, UnixSeconds now) {
  if (record.state == RecordState::kRevoked) return std::optional<KeyRecord>();
  KeyRecord revoked = record;
  revoked.state = RecordState::kRevoked;
  revoked.revoked_at = now;
  revoked.end_reason = reason;
  revoked.paused_by.clear();
  return std::optional(std::move(revoked));
}

// An admin takes over the pause of someone else, who could otherwise resume the key.
Changed Paused(const KeyRecord& record, const keys::Grantor& grantor, const std::string& reason,
               UnixSeconds) {
  if (record.state == RecordState::kRevoked) {
    return Error(ErrorCode::kConflict, "the key is revoked and can be neither paused nor resumed");
  }
  const bool takes_over = grantor.roles.Has(keys::Role::kAdmin) && record.paused_by != grantor.user;
  if (record.state == RecordState::kPaused && !takes_over) return std::optional<KeyRecord>();
  KeyRecord paused = record;
  paused.state = RecordState::kPaused;
  paused.paused_by = grantor.user;
  paused.end_reason = reason;
  return std::optional(std::move(paused));
}

Changed Resumed(const KeyRecord& record, const keys::Grantor&, const std::string&, UnixSeconds) {
  if (record.state == RecordState::kRevoked) {
    return Error(ErrorCode::kConflict, "the key is revoked for good; issue a new key");
  }
  if (record.state == RecordState::kActive) return std::optional<KeyRecord>();
  KeyRecord resumed = record;
  resumed.state = RecordState::kActive;
  resumed.paused_by.clear();
  resumed.end_reason.clear();
  return std::optional(std::move(resumed));
}

// What is wrong with this key alone, or with the caller's right to it.
bool ConcernsOneKey(const Error& error) {
  return IsRefusal(error) || error.code() == ErrorCode::kConflict || error.code() == ErrorCode::kNotFound ||
         error.code() == ErrorCode::kCorrupt;
}

Error NoSuchKey() { return Error(ErrorCode::kNotFound, "there is no such key"); }

// What became of each key.
class Lists {
 public:
  void Done(const keys::KeyId& id) { done_.emplace_back(id.ToString()); }
  void Unchanged(const keys::KeyId& id) { unchanged_.emplace_back(id.ToString()); }
  void Refused(const keys::KeyId& id, const Error& error) {
    const std::string& message = error.message().empty()
                                     ? "the key is someone else's: you neither issued nor own it"
                                     : error.message();
    refused_.push_back({{"key_id", id.ToString()}, {"message", message}});
  }
  void Fill(boost::json::object& reply) {
    reply["done"] = std::move(done_);
    reply["unchanged"] = std::move(unchanged_);
    reply["refused"] = std::move(refused_);
  }

 private:
  boost::json::array done_, unchanged_, refused_;
};

}  // namespace

const StateChange kRevokeChange = {kActRevoke, false, keys::MayEnd, Revoked};
const StateChange kPauseChange = {kActPause, true, keys::MayEnd, Paused};
const StateChange kResumeChange = {kActResume, true, keys::MayResume, Resumed};

Result<std::optional<KeyRecord>> StateChanges::Planned(const StateChange& change, const KeyRecord& record,
                                                       UnixSeconds now) const {
  // Whose key it is comes first: a stranger is not told its state.
  if (const Status own = keys::MayEnd(acts_.grantor(), record); !own) return own.error();
  auto changed = change.apply(record, acts_.grantor(), reason_, now);
  if (!changed || !*changed) return changed;
  if (const Status may = change.may(acts_.grantor(), record); !may) return may.error();
  return changed;
}

Status StateChanges::Write(store::Tables& tables, std::string_view act, const KeyRecord& before,
                           KeyRecord after, UnixSeconds now, ManagementOutcome& outcome) const {
  auto revised = acts_.MakeIssuer().Revise(std::move(after));
  if (!revised) return revised.error();
  return WriteRevised(tables, act, before, std::move(*revised), now, outcome);
}

Status StateChanges::WriteRevised(store::Tables& tables, std::string_view act, const KeyRecord& before,
                                  KeyRecord revised, UnixSeconds now, ManagementOutcome& outcome) const {
  if (Status updated = tables.keys.Update(revised); !updated) return updated;
  Status recorded = acts_.PutOnRecord(tables, {act, &before, &revised, {}}, now, outcome);
  if (!recorded) return recorded;
  outcome.publish.push_back(std::move(revised));
  return Ok();
}

Status StateChanges::RevokeOne(store::Tables& tables, const keys::KeyId& id,
                               ManagementOutcome& outcome) const {
  const auto before = acts_.FindOwn(tables, id, outcome);
  if (!before) return before.error();
  if (!*before) return Ok();
  const UnixSeconds now = acts_.authority().clock().Now();
  auto revoked = Planned(kRevokeChange, **before, now);
  if (!revoked) return Answered(revoked.error(), outcome);
  if (!*revoked) return acts_.Complete(tables, **before, now, outcome);
  Status written = Write(tables, kActRevoke, **before, std::move(**revoked), now, outcome);
  if (!written) return written;
  return acts_.ShowRecord(tables, outcome.publish.back(), now, outcome);
}

Status StateChanges::ChangeAll(store::Tables& tables, const StateChange& change,
                               const std::vector<keys::KeyId>& ids, ManagementOutcome& outcome) const {
  const UnixSeconds now = acts_.authority().clock().Now();
  Lists lists;
  std::vector<KeyRecord> before, after;  // of those that are to be changed
  for (const keys::KeyId& id : ids) {
    auto found = tables.keys.Find(id);
    Changed changed = !found    ? Changed(found.error())
                      : !*found ? Changed(NoSuchKey())
                                : Planned(change, **found, now);
    if (!changed) {
      if (!ConcernsOneKey(changed.error())) return changed.error();
      lists.Refused(id, changed.error());
    } else if (!*changed) {
      lists.Unchanged(id);
    } else {
      before.push_back(std::move(**found));
      after.push_back(std::move(**changed));
    }
  }
  // The token is asked for all of them at once.
  keys::Issuer issuer = acts_.MakeIssuer();
  std::vector<Status> whole(before.size(), Ok());
  if (change.checks_record) {
    auto checked = issuer.Check(before);
    if (!checked) return checked.error();
    whole = std::move(*checked);
  }
  if (Status revised = issuer.Revise(after); !revised) return revised;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (!whole[i]) {
      lists.Refused(before[i].id, whole[i].error());
      continue;
    }
    Status written = WriteRevised(tables, change.act, before[i], std::move(after[i]), now, outcome);
    if (!written) return written;
    lists.Done(before[i].id);
  }
  acts_.SumUpLog(change.act, reason_, outcome);
  lists.Fill(outcome.reply);
  return Ok();
}

Result<KeyRecord> StateChanges::FindToPurge(store::Tables& tables, const keys::KeyId& id,
                                            UnixSeconds now) const {
  auto found = tables.keys.Find(id);
  if (!found) return found.error();
  if (!*found) return NoSuchKey();
  if (const Status may = keys::MayPurge(acts_.grantor()); !may) return may.error();
  const keys::KeyState state = (*found)->StateAt(now);
  if (state != keys::KeyState::kRevoked && state != keys::KeyState::kExpired) {
    return Error(ErrorCode::kConflict, "the key is " + std::string(keys::KeyStateName(state)) +
                                           "; only revoked and expired keys can be purged: revoke it first");
  }
  return std::move(**found);
}

Status StateChanges::PurgeAll(store::Tables& tables, const std::vector<keys::KeyId>& ids,
                              ManagementOutcome& outcome) const {
  const UnixSeconds now = acts_.authority().clock().Now();
  Lists lists;
  for (const keys::KeyId& id : ids) {
    const auto before = FindToPurge(tables, id, now);
    if (!before) {
      if (!ConcernsOneKey(before.error())) return before.error();
      lists.Refused(id, before.error());
      continue;
    }
    if (Status removed = tables.keys.Remove(id); !removed) return removed;
    Status recorded = acts_.PutOnRecord(tables, {kActPurge, &*before, nullptr, {}}, now, outcome);
    if (!recorded) return recorded;
    outcome.forget.push_back(id);
    lists.Done(id);
  }
  acts_.SumUpLog(kActPurge, reason_, outcome);
  lists.Fill(outcome.reply);
  return Ok();
}

}  // namespace claviger::api
