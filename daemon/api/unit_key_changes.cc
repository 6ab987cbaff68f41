#include "daemon/api/unit_key_changes.h"

#include <algorithm>
#include <utility>

#include "daemon/api/control_group.h"

namespace claviger::api {
namespace {

using keys::KeyRecord;
using keys::RecordState;

boost::json::object Named(const UnitStart& start) {
  return {{"unit", start.unit}, {"credential", start.credential}};
}

Error Denied(std::string message) { return Error(ErrorCode::kDenied, std::move(message)); }

// What an operator has decided about a key is not undone by a restart of the unit.
Status CheckState(const KeyRecord& record) {
  const std::string id = record.id.ToString();
  if (record.state == RecordState::kRevoked) {
    return Denied("its key " + id + " was revoked; if it shall get a new one, run: claviger key purge " + id);
  }
  if (record.state == RecordState::kPaused) {
    return Denied("its key " + id + " is paused; if it shall get it again, run: claviger key resume " + id);
  }
  return Ok();
}

// The secret before is over, and so is the present one.
KeyRecord EndedAt(KeyRecord record, UnixSeconds now) {
  record.expires = std::min(record.expires, now);
  for (keys::Generation& generation : record.generations) {
    if (generation.ends) generation.ends = std::min(*generation.ends, now);
  }
  return record;
}

}  // namespace

KeyActs UnitActs(Authority& authority, LiveSettingsPtr live, const UnitStart& start) {
  audit::Actor actor;
  actor.user = keys::UnitCreator(start.unit);
  actor.pid = start.pid;
  actor.unit = start.unit;
  actor.command = start.command;
  keys::Grantor grantor;
  grantor.user = actor.user;
  return KeyActs(authority, std::move(live), std::move(actor), std::move(grantor));
}

Status UnitKeyChanges::Provide(store::Tables& tables, const UnitStart& start,
                               ManagementOutcome& outcome) const {
  const LiveSettings& live = acts_.live();
  const keys::UnitRule* rule = keys::FindUnitRule(live.units, start.unit, start.credential);
  if (rule == nullptr) {
    return Denied("no [[unit]] of claviger.toml has this name and this credential; write one, and reload");
  }
  if (rule->end_with_unit && (start.control_group.empty() || !HasControlGroups())) {
    return Denied(
        "its key is to end with the unit, whose control group cannot be seen; remove end_with_unit, or "
        "run the host with the unified hierarchy of control groups");
  }
  const UnixSeconds now = acts_.authority().clock().Now();
  const auto terms = keys::ApplyPolicy(
      live.policy, *live.catalogue, keys::UnitKeyRequest(*rule, start.unit, now), acts_.grantor().user, now);
  if (!terms) return terms.error();
  const auto last = tables.unit_keys.Find(start.unit, start.credential);
  if (!last) return last.error();
  std::optional<KeyRecord> before;
  if (*last) {
    auto found = tables.keys.Find((*last)->key);
    if (!found) return found.error();
    before = std::move(*found);
  }
  Status issued = before ? IssueNext(tables, start, *rule, *terms, *before, now, outcome)
                         : IssueFirst(tables, start, *terms, now, outcome);
  if (!issued) return issued;
  return tables.unit_keys.Put({start.unit, start.credential, outcome.publish.back().id,
                               rule->end_with_unit ? start.control_group : std::string()});
}

Status UnitKeyChanges::IssueFirst(store::Tables& tables, const UnitStart& start, const keys::KeyTerms& terms,
                                  UnixSeconds now, ManagementOutcome& outcome) const {
  auto issued = acts_.MakeIssuer().Issue(terms, acts_.grantor().user, now);
  if (!issued) return issued.error();
  if (Status inserted = tables.keys.Insert(issued->record); !inserted) return inserted;
  Status recorded =
      acts_.PutOnRecord(tables, {kActCreate, nullptr, &issued->record, Named(start)}, now, outcome);
  if (!recorded) return recorded;
  outcome.key_string = std::move(issued->key_string);
  outcome.publish.push_back(std::move(issued->record));
  return Ok();
}

Status UnitKeyChanges::IssueNext(store::Tables& tables, const UnitStart& start, const keys::UnitRule& rule,
                                 const keys::KeyTerms& terms, const KeyRecord& before, UnixSeconds now,
                                 ManagementOutcome& outcome) const {
  if (Status fine = CheckState(before); !fine) return fine;
  const auto present = Follow(tables, start, terms, before, now, outcome);
  if (!present) return present.error();
  keys::Rotation rotation;
  // Whoever still holds the secret before was not meant to get more by it.
  rotation.grace = keys::Widens(before, *present) ? 0 : rule.previous;
  rotation.expires = terms.expires;
  auto rotated = acts_.MakeIssuer().Rotate(*present, acts_.live().policy, rotation, now);
  if (!rotated) return rotated.error();
  if (Status updated = tables.keys.Update(rotated->record); !updated) return updated;
  Status recorded =
      acts_.PutOnRecord(tables, {kActRotate, &*present, &rotated->record, Named(start)}, now, outcome);
  if (!recorded) return recorded;
  outcome.key_string = std::move(rotated->key_string);
  outcome.publish.push_back(std::move(rotated->record));
  return Ok();
}

// The key as the rule has it now, sealed and written if that changes it.
Result<KeyRecord> UnitKeyChanges::Follow(store::Tables& tables, const UnitStart& start,
                                         const keys::KeyTerms& terms, const KeyRecord& before,
                                         UnixSeconds now, ManagementOutcome& outcome) const {
  KeyRecord wanted = keys::FollowTerms(before, terms);
  if (wanted == before) return before;
  keys::Issuer issuer = acts_.MakeIssuer();
  if (Status whole = issuer.Check(before); !whole) return whole.error();
  auto revised = issuer.Revise(std::move(wanted));
  if (!revised) return revised;
  if (Status updated = tables.keys.Update(*revised); !updated) return updated.error();
  Status recorded = acts_.PutOnRecord(tables, {kActEdit, &before, &*revised, Named(start)}, now, outcome);
  if (!recorded) return recorded.error();
  return revised;
}

Status UnitKeyChanges::End(store::Tables& tables, const store::UnitKey& key,
                           ManagementOutcome& outcome) const {
  const auto row = tables.unit_keys.Find(key.unit, key.credential);
  if (!row) return row.error();
  if (!*row || **row != key || ControlGroupExists(key.control_group)) return Ok();
  store::UnitKey done = key;
  done.control_group.clear();
  if (Status put = tables.unit_keys.Put(done); !put) return put;
  const auto found = tables.keys.Find(key.key);
  if (!found) return found.error();
  const UnixSeconds now = acts_.authority().clock().Now();
  if (!*found || (*found)->state == RecordState::kRevoked || (*found)->expires <= now) return Ok();
  keys::Issuer issuer = acts_.MakeIssuer();
  if (Status whole = issuer.Check(**found); !whole) return whole;
  auto ended = issuer.Revise(EndedAt(**found, now));
  if (!ended) return ended.error();
  if (Status updated = tables.keys.Update(*ended); !updated) return updated;
  const boost::json::object more = {
      {"unit", key.unit}, {"credential", key.credential}, {"unit_stopped", true}};
  Status recorded = acts_.PutOnRecord(tables, {kActEdit, &**found, &*ended, more}, now, outcome);
  if (!recorded) return recorded;
  outcome.publish.push_back(std::move(*ended));
  return Ok();
}

Result<std::vector<store::UnitKey>> KeysOfStoppedUnits(store::Tables& tables, bool& any_ending) {
  auto keys = tables.unit_keys.EndingWithUnit();
  if (!keys) return keys;
  any_ending = !keys->empty();
  std::erase_if(*keys, [](const store::UnitKey& key) { return ControlGroupExists(key.control_group); });
  return keys;
}

}  // namespace claviger::api
