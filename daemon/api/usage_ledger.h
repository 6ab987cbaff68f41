// Collects who used which key, for the store to write behind.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "daemon/keys/key_entry.h"
#include "daemon/store/usage_repository.h"

namespace claviger::api {

// Thread-safe. A key takes the lock once per flush, not once per use.
class UsageLedger {
 public:
  void NoteUse(const keys::KeyEntryPtr& entry, std::uint32_t uid, UnixSeconds now);
  void NoteDenial(const keys::KeyEntryPtr& entry);
  // What has been noted since the last Take; entries that are no longer cached are in it too.
  std::vector<store::UsageIncrement> Take();

 private:
  void MarkDirty(const keys::KeyEntryPtr& entry);

  Mutex mutex_;
  std::vector<keys::KeyEntryPtr> dirty_ GUARDED_BY(mutex_);
};

}  // namespace claviger::api
