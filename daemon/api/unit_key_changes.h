// What the start and the end of a unit do to its key: rules, token, tables and audit together, each in one
// transaction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/api/key_acts.h"
#include "daemon/keys/unit_policy.h"
#include "daemon/store/unit_key_repository.h"

namespace claviger::api {

// A unit that starts and wants a credential.
struct UnitStart {
  std::string unit;
  std::string credential;
  std::string control_group;  // the unit's own; "" if it cannot be told
  std::int64_t pid = 0;       // of the peer
  std::string command;
};

// The acts on a unit's keys are those of "unit:<name>".
KeyActs UnitActs(Authority& authority, LiveSettingsPtr live, const UnitStart& start);

// On the store thread.
class UnitKeyChanges {
 public:
  explicit UnitKeyChanges(KeyActs acts) : acts_(std::move(acts)) {}

  // Puts the key string into the outcome: of a new key, or of the next generation of the one that the unit
  // had at its last start, which follows the rule as it is now. kDenied, with what an operator can do, for a
  // unit without an entry and for a key that an operator has revoked or paused; errors of the policy as
  // ApplyPolicy.
  Status Provide(store::Tables& tables, const UnitStart& start, ManagementOutcome& outcome) const;
  // Ends the secret of a unit that has stopped. No effect if it has been started again.
  Status End(store::Tables& tables, const store::UnitKey& key, ManagementOutcome& outcome) const;

 private:
  Status IssueFirst(store::Tables& tables, const UnitStart& start, const keys::KeyTerms& terms,
                    UnixSeconds now, ManagementOutcome& outcome) const;
  Status IssueNext(store::Tables& tables, const UnitStart& start, const keys::UnitRule& rule,
                   const keys::KeyTerms& terms, const keys::KeyRecord& before, UnixSeconds now,
                   ManagementOutcome& outcome) const;
  Result<keys::KeyRecord> Follow(store::Tables& tables, const UnitStart& start, const keys::KeyTerms& terms,
                                 const keys::KeyRecord& before, UnixSeconds now,
                                 ManagementOutcome& outcome) const;

  KeyActs acts_;
};

// The keys of units whose control groups are gone.
Result<std::vector<store::UnitKey>> KeysOfStoppedUnits(store::Tables& tables, bool& any_ending);

}  // namespace claviger::api
