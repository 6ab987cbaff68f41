// Walks over all keys of a backup and of the database of today, and tells what became of each.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/result.h"
#include "daemon/api/restore_fate.h"
#include "daemon/store/backup_header.h"
#include "daemon/store/store_thread.h"

namespace claviger::api {

// Whether the database of today is a later state of what `backup` says: it then has the backup's last audit
// record where the backup has it.
Result<bool> ContinuesFrom(store::Tables& today, const store::DatabaseSummary& backup);

// In steps of some thousand keys. Thread-compatible.
class RestoreComparison {
 public:
  // Either record may be absent, not both; so may the fate (the key is as it was).
  using Sink = std::function<Status(const keys::KeyRecord* backup, const keys::KeyRecord* today,
                                    std::optional<KeyFate> fate)>;

  // `backup` must outlive this. `known` as in FateOf.
  RestoreComparison(store::Tables& backup, bool known, Sink sink)
      : backup_(backup), known_(known), sink_(std::move(sink)) {}

  // True: that was the last step. nullptr: there is no database of today.
  Result<bool> Step(store::Tables* today);

 private:
  Result<bool> StepOverBackup(store::Tables* today);
  Result<bool> StepOverToday(store::Tables& today);

  store::Tables& backup_;
  const bool known_;
  const Sink sink_;
  bool backup_done_ = false;
  std::int64_t next_ = 1;  // ref
};

}  // namespace claviger::api
