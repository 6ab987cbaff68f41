// The changes of keys, as transactions: rules, token, tables and audit together. They know no wire format but
// the outcome.
#pragma once

#include <optional>
#include <string>

#include "daemon/api/management.h"
#include "daemon/keys/issuer.h"
#include "daemon/keys/policy.h"
#include "daemon/keys/principal.h"

namespace claviger::api {

// Who asks for a change, copied out of the session because the work outlives the call.
struct Requester {
  audit::Actor actor;
  keys::RoleSet roles;
};

// Each is the ManagementWork of one method.
class KeyChanges {
 public:
  KeyChanges(Authority& authority, LiveSettingsPtr live, Requester requester)
      : authority_(authority), live_(std::move(live)), requester_(std::move(requester)) {}

  // `request_id` "" = none.
  Status Create(store::Tables& tables, const keys::KeyTerms& terms, const std::string& request_id,
                ManagementOutcome& outcome) const;
  Status Rotate(store::Tables& tables, const keys::KeyId& id, const keys::Rotation& rotation,
                const std::string& request_id, ManagementOutcome& outcome) const;
  Status Revoke(store::Tables& tables, const keys::KeyId& id, const std::string& reason,
                ManagementOutcome& outcome) const;

 private:
  // True, with the refusal set, if the request has been done before.
  Result<bool> DoneBefore(store::Tables& tables, const std::string& request_id,
                          ManagementOutcome& outcome) const;
  // The record, if it exists and the requester may change it; nullopt with the refusal set if not.
  Result<std::optional<keys::KeyRecord>> Changeable(store::Tables& tables, const keys::KeyId& id,
                                                    ManagementOutcome& outcome) const;
  Status PutOnRecord(store::Tables& tables, std::string_view act, const keys::KeyRecord* before,
                     const keys::KeyRecord& after, UnixSeconds now) const;
  Status Complete(store::Tables& tables, const keys::KeyRecord& record, UnixSeconds now,
                  ManagementOutcome& outcome) const;

  Authority& authority_;
  LiveSettingsPtr live_;
  Requester requester_;
};

}  // namespace claviger::api
