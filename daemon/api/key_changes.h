// The changes of one key that take more than a new state: rules, token, tables and audit together, each the
// work of one call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/api/key_acts.h"
#include "daemon/keys/issuer.h"
#include "daemon/keys/policy.h"

namespace claviger::api {

struct EditOrder {
  keys::KeyId id;
  std::optional<std::uint64_t> version;  // that the key must have
  keys::KeyEdit edit;
  bool dry_run = false;
};

struct RotateOrder {
  keys::KeyId id;
  keys::Rotation rotation;
  bool leaked = false;     // then the rotation is without grace
  std::string request_id;  // "" = none
};

// kConflict if `id` has a successor that has not ended; the refusal is set if there is no such key, or it is
// not the caller's to replace.
Status CheckReplaced(const KeyActs& acts, store::Tables& tables, const keys::KeyId& id, UnixSeconds now,
                     ManagementOutcome& outcome);

class KeyChanges {
 public:
  explicit KeyChanges(KeyActs acts) : acts_(std::move(acts)) {}

  // `issued` is a new key of terms that the caller may grant. `request_id` "" = none.
  Status Create(store::Tables& tables, const keys::IssuedKey& issued, const std::string& request_id,
                ManagementOutcome& outcome) const;
  Status Edit(store::Tables& tables, const EditOrder& order, ManagementOutcome& outcome) const;
  Status Rotate(store::Tables& tables, const RotateOrder& order, ManagementOutcome& outcome) const;

 private:
  // True, with the refusal set, if the request has been done before.
  Result<bool> DoneBefore(store::Tables& tables, const std::string& request_id,
                          ManagementOutcome& outcome) const;
  Status RememberRequest(store::Tables& tables, const std::string& request_id, const keys::KeyId& id,
                         UnixSeconds now) const;
  Result<keys::KeyRecord> Edited(const EditOrder& order, const keys::KeyRecord& before,
                                 UnixSeconds now) const;
  Result<keys::IssuedKey> Rotated(const RotateOrder& order, const keys::KeyRecord& before,
                                  UnixSeconds now) const;
  Status RecordRotation(store::Tables& tables, const RotateOrder& order, const keys::KeyRecord& before,
                        const keys::KeyRecord& after, UnixSeconds now, ManagementOutcome& outcome) const;

  KeyActs acts_;
};

}  // namespace claviger::api
