// The changes of a key's state: revoke, pause, resume; and its removal. One key or many, in one transaction.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/api/key_acts.h"
#include "daemon/keys/authorization.h"

namespace claviger::api {

inline constexpr std::size_t kMaxKeysPerCall = 100;

// One kind of change.
struct StateChange {
  std::string_view act;
  // Whether the record must be whole: a new MAC would cover up what was changed outside. A key that was
  // tampered with must be revocable above all others, and is then harmless.
  bool checks_record;
  Status (*may)(const keys::Grantor& grantor, const keys::KeyRecord& record);
  // The record changed; nullopt: it is so already; kConflict: it cannot be.
  Result<std::optional<keys::KeyRecord>> (*apply)(const keys::KeyRecord& record, const keys::Grantor& grantor,
                                                  const std::string& reason, UnixSeconds now);
};
extern const StateChange kRevokeChange;
extern const StateChange kPauseChange;
extern const StateChange kResumeChange;

class StateChanges {
 public:
  // `reason` "" = none.
  StateChanges(KeyActs acts, std::string reason) : acts_(std::move(acts)), reason_(std::move(reason)) {}

  // The work of RevokeKey.
  Status RevokeOne(store::Tables& tables, const keys::KeyId& id, ManagementOutcome& outcome) const;
  // Fills done, unchanged and refused. What keeps one key from being changed leaves the others alone; what
  // fails while one is being written undoes all. `ids` has no doubles.
  Status ChangeAll(store::Tables& tables, const StateChange& change, const std::vector<keys::KeyId>& ids,
                   ManagementOutcome& outcome) const;
  Status PurgeAll(store::Tables& tables, const std::vector<keys::KeyId>& ids,
                  ManagementOutcome& outcome) const;
  // Writes `after`, the record of the act, and publishes it. `before` is as it was stored.
  Status Write(store::Tables& tables, std::string_view act, const keys::KeyRecord& before,
               keys::KeyRecord after, UnixSeconds now, ManagementOutcome& outcome) const;

 private:
  // The same for a record that has its MAC.
  Status WriteRevised(store::Tables& tables, std::string_view act, const keys::KeyRecord& before,
                      keys::KeyRecord revised, UnixSeconds now, ManagementOutcome& outcome) const;
  // Without a check of the record.
  Result<std::optional<keys::KeyRecord>> Planned(const StateChange& change, const keys::KeyRecord& record,
                                                 UnixSeconds now) const;
  Result<keys::KeyRecord> FindToPurge(store::Tables& tables, const keys::KeyId& id, UnixSeconds now) const;

  KeyActs acts_;
  std::string reason_;
};

}  // namespace claviger::api
