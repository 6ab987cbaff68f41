#include "daemon/api/key_changes.h"

#include <boost/json/array.hpp>
#include <utility>

#include "daemon/api/key_json.h"

namespace claviger::api {
namespace {

constexpr std::string_view kRequestAlreadyDone = "io.claviger.Admin.RequestAlreadyDone";
// Each request that is remembered makes room by forgetting a few old ones.
constexpr int kRequestsForgottenAtOnce = 16;

boost::json::array NamesOf(const std::vector<std::string>& names) {
  return boost::json::array(names.begin(), names.end());
}

}  // namespace

Status CheckReplaced(const KeyActs& acts, store::Tables& tables, const keys::KeyId& id, UnixSeconds now,
                     ManagementOutcome& outcome) {
  const auto replaced = acts.FindOwn(tables, id, outcome);
  if (!replaced) return replaced.error();
  if (!*replaced) return Ok();
  const auto successor = tables.keys.FindSuccessor(id);
  if (!successor) return successor.error();
  if (!*successor) return Ok();
  const auto record = tables.keys.Find(**successor);
  if (!record) return record.error();
  if (!*record || (*record)->state == keys::RecordState::kRevoked || (*record)->expires <= now) return Ok();
  return Error(ErrorCode::kConflict, "the key has a successor already, " + (*successor)->ToString() +
                                         "; revoke that one first, or use it");
}

Status KeyChanges::Create(store::Tables& tables, const keys::IssuedKey& issued, const std::string& request_id,
                          ManagementOutcome& outcome) const {
  const auto done = DoneBefore(tables, request_id, outcome);
  if (!done) return done.error();
  if (*done) return Ok();
  const UnixSeconds now = acts_.authority().clock().Now();
  const keys::KeyRecord& record = issued.record;
  if (record.replaces) {
    Status fine = CheckReplaced(acts_, tables, *record.replaces, now, outcome);
    if (!fine || outcome.refusal) return fine;
  }
  if (Status inserted = tables.keys.Insert(record); !inserted) return inserted;
  if (Status kept = RememberRequest(tables, request_id, record.id, now); !kept) return kept;
  Status recorded = acts_.PutOnRecord(tables, {kActCreate, nullptr, &record, {}}, now, outcome);
  if (!recorded) return recorded;
  outcome.key_string = issued.key_string.Duplicate();
  outcome.publish.push_back(record);
  outcome.reply["record"] = KeyJson(record, std::nullopt, now);  // nobody can have used it
  return Ok();
}

Result<keys::KeyRecord> KeyChanges::Edited(const EditOrder& order, const keys::KeyRecord& before,
                                           UnixSeconds now) const {
  if (order.version && *order.version != before.version) {
    return Error(ErrorCode::kConflict, "the key has version " + std::to_string(before.version) + ", not " +
                                           std::to_string(*order.version) +
                                           ": it was changed meanwhile; look at it and try again");
  }
  const LiveSettings& live = acts_.live();
  auto after = keys::ApplyEdit(live.policy, *live.catalogue, before, order.edit, now);
  if (!after) return after;
  const Status granted = keys::MayEdit(acts_.grantor(), before, *after, *live.catalogue, now);
  if (!granted) return granted.error();
  if (const Status whole = acts_.MakeIssuer().Check(before); !whole) return whole.error();
  return after;
}

Status KeyChanges::Edit(store::Tables& tables, const EditOrder& order, ManagementOutcome& outcome) const {
  const auto before = acts_.FindOwn(tables, order.id, outcome);
  if (!before) return before.error();
  if (!*before) return Ok();
  const UnixSeconds now = acts_.authority().clock().Now();
  auto after = Edited(order, **before, now);
  if (!after) return Answered(after.error(), outcome);

  const keys::Catalogue& catalogue = *acts_.live().catalogue;
  outcome.reply["gained"] = NamesOf(keys::ScopesGained(**before, *after, catalogue));
  outcome.reply["lost"] = NamesOf(keys::ScopesGained(*after, **before, catalogue));
  if (order.dry_run) {
    return acts_.ShowRecord(tables, *after, now, outcome);
  }
  const auto revised = acts_.MakeIssuer().Revise(std::move(*after));
  if (!revised) return revised.error();
  if (Status updated = tables.keys.Update(*revised); !updated) return updated;
  Status recorded = acts_.PutOnRecord(tables, {kActEdit, &**before, &*revised, {}}, now, outcome);
  if (!recorded) return recorded;
  return acts_.Complete(tables, *revised, now, outcome);
}

Result<keys::IssuedKey> KeyChanges::Rotated(const RotateOrder& order, const keys::KeyRecord& before,
                                            UnixSeconds now) const {
  const keys::Policy& policy = acts_.live().policy;
  keys::Issuer issuer = acts_.MakeIssuer();
  const auto expires = keys::RotatedExpiry(before, policy, order.rotation, now);
  if (!expires) return expires.error();
  const Status granted = keys::MayRotate(acts_.grantor(), before, *expires, now);
  if (!granted) return granted.error();
  return issuer.Rotate(before, policy, order.rotation, now);
}

Status KeyChanges::Rotate(store::Tables& tables, const RotateOrder& order, ManagementOutcome& outcome) const {
  const auto done = DoneBefore(tables, order.request_id, outcome);
  if (!done) return done.error();
  if (*done) return Ok();
  const auto before = acts_.FindOwn(tables, order.id, outcome);
  if (!before) return before.error();
  if (!*before) return Ok();
  const UnixSeconds now = acts_.authority().clock().Now();
  auto rotated = Rotated(order, **before, now);
  if (!rotated) return Answered(rotated.error(), outcome);

  if (Status updated = tables.keys.Update(rotated->record); !updated) return updated;
  if (Status kept = RememberRequest(tables, order.request_id, order.id, now); !kept) return kept;
  Status recorded = RecordRotation(tables, order, **before, rotated->record, now, outcome);
  if (!recorded) return recorded;
  outcome.key_string = std::move(rotated->key_string);
  return acts_.Complete(tables, rotated->record, now, outcome);
}

Status KeyChanges::RecordRotation(store::Tables& tables, const RotateOrder& order,
                                  const keys::KeyRecord& before, const keys::KeyRecord& after,
                                  UnixSeconds now, ManagementOutcome& outcome) const {
  boost::json::object more;
  if (order.leaked) {
    more["leaked"] = true;
    const boost::json::object leak = {{"leaked_generation", before.current().number}, {"outcome", "rotated"}};
    Status told = acts_.PutOnRecord(tables, {kActLeakReported, nullptr, &after, leak}, now, outcome);
    if (!told) return told;
  }
  return acts_.PutOnRecord(tables, {kActRotate, &before, &after, std::move(more)}, now, outcome);
}

Result<bool> KeyChanges::DoneBefore(store::Tables& tables, const std::string& request_id,
                                    ManagementOutcome& outcome) const {
  if (request_id.empty()) return false;
  const auto done = tables.meta.FindRequest(acts_.grantor().user, request_id);
  if (!done) return done.error();
  if (!*done) return false;
  outcome.refusal = Refusal{std::string(kRequestAlreadyDone), {{"key_id", (*done)->ToString()}}};
  return true;
}

Status KeyChanges::RememberRequest(store::Tables& tables, const std::string& request_id,
                                   const keys::KeyId& id, UnixSeconds now) const {
  if (request_id.empty()) return Ok();
  const auto pruned = tables.meta.PruneRequests(now - store::kRequestMemory, kRequestsForgottenAtOnce);
  if (!pruned) return pruned.error();
  return tables.meta.RememberRequest(acts_.grantor().user, request_id, id, now);
}

}  // namespace claviger::api
