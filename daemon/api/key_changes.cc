#include "daemon/api/key_changes.h"

#include <utility>

#include "daemon/api/key_json.h"

namespace claviger::api {
namespace {

constexpr std::string_view kRequestAlreadyDone = "io.claviger.Admin.RequestAlreadyDone";
constexpr std::string_view kKeyNotFound = "io.claviger.Admin.KeyNotFound";
constexpr std::string_view kPermissionDenied = "org.varlink.service.PermissionDenied";

}  // namespace

Status KeyChanges::Create(store::Tables& tables, const keys::KeyTerms& terms, const std::string& request_id,
                          ManagementOutcome& outcome) const {
  const auto done = DoneBefore(tables, request_id, outcome);
  if (!done) return done.error();
  if (*done) return Ok();

  const UnixSeconds now = authority_.clock().Now();
  keys::Issuer issuer(authority_.token_mac(), live_->key_prefix);
  auto issued = issuer.Issue(terms, requester_.actor.user, now);
  if (!issued) return issued.error();
  if (Status inserted = tables.keys.Insert(issued->record); !inserted) return inserted;
  if (!request_id.empty()) {
    Status kept = tables.meta.RememberRequest(requester_.actor.user, request_id, issued->record.id, now);
    if (!kept) return kept;
  }
  if (Status kept = PutOnRecord(tables, "key.create", nullptr, issued->record, now); !kept) return kept;
  outcome.key_string = std::move(issued->key_string);
  return Complete(tables, issued->record, now, outcome);
}

Status KeyChanges::Rotate(store::Tables& tables, const keys::KeyId& id, const keys::Rotation& rotation,
                          const std::string& request_id, ManagementOutcome& outcome) const {
  const auto done = DoneBefore(tables, request_id, outcome);
  if (!done) return done.error();
  if (*done) return Ok();
  const auto before = Changeable(tables, id, outcome);
  if (!before) return before.error();
  if (!*before) return Ok();

  const UnixSeconds now = authority_.clock().Now();
  keys::Issuer issuer(authority_.token_mac(), live_->key_prefix);
  auto rotated = issuer.Rotate(**before, live_->policy, rotation, now);
  if (!rotated) return rotated.error();
  if (Status updated = tables.keys.Update(rotated->record); !updated) return updated;
  if (!request_id.empty()) {
    Status kept = tables.meta.RememberRequest(requester_.actor.user, request_id, id, now);
    if (!kept) return kept;
  }
  if (Status kept = PutOnRecord(tables, "key.rotate", &**before, rotated->record, now); !kept) return kept;
  outcome.key_string = std::move(rotated->key_string);
  return Complete(tables, rotated->record, now, outcome);
}

// Rotate checks the record's MAC; here it is not asked for: a record that was tampered with must be revocable
// above all others.
Status KeyChanges::Revoke(store::Tables& tables, const keys::KeyId& id, const std::string& reason,
                          ManagementOutcome& outcome) const {
  const auto before = Changeable(tables, id, outcome);
  if (!before) return before.error();
  if (!*before) return Ok();
  const UnixSeconds now = authority_.clock().Now();
  if ((*before)->state == keys::RecordState::kRevoked) return Complete(tables, **before, now, outcome);

  keys::KeyRecord revoked = **before;
  revoked.state = keys::RecordState::kRevoked;
  revoked.revoked_at = now;
  revoked.end_reason = reason;
  keys::Issuer issuer(authority_.token_mac(), live_->key_prefix);
  auto revised = issuer.Revise(std::move(revoked));
  if (!revised) return revised.error();
  if (Status updated = tables.keys.Update(*revised); !updated) return updated;
  if (Status kept = PutOnRecord(tables, "key.revoke", &**before, *revised, now); !kept) return kept;
  return Complete(tables, *revised, now, outcome);
}

Result<bool> KeyChanges::DoneBefore(store::Tables& tables, const std::string& request_id,
                                    ManagementOutcome& outcome) const {
  if (request_id.empty()) return false;
  const auto done = tables.meta.FindRequest(requester_.actor.user, request_id);
  if (!done) return done.error();
  if (!*done) return false;
  outcome.refusal = Refusal{std::string(kRequestAlreadyDone), {{"key_id", (*done)->ToString()}}};
  return true;
}

Result<std::optional<keys::KeyRecord>> KeyChanges::Changeable(store::Tables& tables, const keys::KeyId& id,
                                                              ManagementOutcome& outcome) const {
  auto found = tables.keys.Find(id);
  if (!found) return found.error();
  if (!*found) {
    outcome.refusal = Refusal{std::string(kKeyNotFound), {{"key_id", id.ToString()}}};
    return std::optional<keys::KeyRecord>();
  }
  // An issuer answers for what it issued or owns; everything is an admin's.
  const std::string& user = requester_.actor.user;
  if (!requester_.roles.Has(keys::Role::kAdmin) && (*found)->creator != user && (*found)->owner != user) {
    outcome.refusal = Refusal{std::string(kPermissionDenied), {}};
    return std::optional<keys::KeyRecord>();
  }
  return found;
}

Status KeyChanges::PutOnRecord(store::Tables& tables, std::string_view act, const keys::KeyRecord* before,
                               const keys::KeyRecord& after, UnixSeconds now) const {
  audit::Act entry;
  entry.actor = requester_.actor;
  entry.name = act;
  entry.subject = after.id.ToString();
  if (before != nullptr) entry.before = KeyAuditText(*before, now);
  entry.after = KeyAuditText(after, now);
  const auto sequence = authority_.audit().Append(tables.database, entry, now);
  return sequence ? Ok() : Status(sequence.error());
}

Status KeyChanges::Complete(store::Tables& tables, const keys::KeyRecord& record, UnixSeconds now,
                            ManagementOutcome& outcome) const {
  const auto usage = tables.usage.Find(record.id);
  if (!usage) return usage.error();
  outcome.reply["record"] = KeyJson(record, *usage, now);
  outcome.publish = record;
  return Ok();
}

}  // namespace claviger::api
