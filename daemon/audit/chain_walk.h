// Follows the chain record by record and finds where it was broken, in steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/audit/audit_log.h"
#include "daemon/audit/chain.h"
#include "daemon/audit/checkpoint.h"
#include "daemon/store/database.h"

namespace claviger::audit {

// What a walk has found: the first record that was changed, removed, moved or inserted, or from which on all
// were cut off, if any.
struct ChainCheck {
  std::int64_t records = 0;               // whole ones that were looked at
  std::optional<std::int64_t> broken_at;  // sequence; of a removed record, the one that it had
  std::string reason;                     // "" if whole
};

// Thread-compatible; its steps run on the store thread, in any number of transactions: the chain only grows
// meanwhile.
class ChainWalk {
 public:
  static constexpr std::size_t kStep = 1000;        // records
  static constexpr std::size_t kKeyStep = 100'000;  // keys of records that are skipped

  // From the first record; compares the chain with `checkpoints`, which are sorted by sequence, of this
  // installation, and made by the token: the caller has checked that. Without them, records that were cut off
  // at the end, and a forgery by who can use the token, are missed.
  ChainWalk(EpochKeySource epoch_key, std::vector<Checkpoint> checkpoints);
  // From the record behind that of `begin`, after a look at that record itself. Takes the time of a hash for
  // each record before it in its epoch, unless a new epoch follows.
  ChainWalk(EpochKeySource epoch_key, const Checkpoint& begin);

  // The next part; blocks on the token once an epoch. True: the walk is over, and check() is final. An error
  // means that the check could not be made, not that the chain is broken.
  Result<bool> Step(store::Database& database);

  const ChainCheck& check() const { return check_; }
  // The last whole record; sequence 0: none. Its time is that of the record.
  const Checkpoint& last() const { return last_; }

 private:
  Result<bool> LookAtBeginning(store::Database& database);
  Result<bool> SameEpochFollows(store::Database& database) const;
  // False if the chain is broken.
  Result<bool> Next(std::int64_t sequence, const std::optional<AuditRecord>& record);
  // Goes to the key of `record`; false if the record stands in no place where it could follow.
  Result<bool> Advance(const AuditRecord& record);
  Status BeginEpoch(std::int64_t epoch);
  bool MatchesCheckpoints(const AuditRecord& record);
  bool ReachesCheckpoints();
  bool Break(std::int64_t sequence, std::string reason);

  const EpochKeySource epoch_key_;
  const std::vector<Checkpoint> checkpoints_;
  std::size_t next_checkpoint_ = 0;
  std::optional<Checkpoint> begin_;
  std::int64_t from_ = std::numeric_limits<std::int64_t>::min();  // the next part begins here
  std::int64_t keys_to_skip_ = 0;
  std::int64_t next_index_ = 0;
  ChainKey key_;
  Checkpoint last_;
  ChainCheck check_;
};

}  // namespace claviger::audit
