#include "daemon/api/usage_ledger.h"

#include <utility>

namespace claviger::api {

void UsageLedger::NoteUse(const keys::KeyEntryPtr& entry, std::uint32_t uid, UnixSeconds now) {
  keys::UsageCounters& usage = entry->usage();
  usage.last_used.store(now, std::memory_order_relaxed);
  usage.last_uid.store(uid, std::memory_order_relaxed);
  usage.uses.fetch_add(1);
  MarkDirty(entry);
}

void UsageLedger::NoteDenial(const keys::KeyEntryPtr& entry) {
  entry->usage().denials.fetch_add(1);
  MarkDirty(entry);
}

void UsageLedger::MarkDirty(const keys::KeyEntryPtr& entry) {
  // Sequentially consistent, like the counts before it and like Take: either Take sees the count, or this
  // sees that the entry is no longer marked.
  keys::UsageCounters& usage = entry->usage();
  if (usage.dirty.load() || usage.dirty.exchange(true)) return;
  const MutexLock lock(mutex_);
  dirty_.push_back(entry);
}

std::vector<store::UsageIncrement> UsageLedger::Take() {
  std::vector<keys::KeyEntryPtr> entries;
  {
    const MutexLock lock(mutex_);
    entries = std::exchange(dirty_, {});
  }
  std::vector<store::UsageIncrement> increments;
  increments.reserve(entries.size());
  for (const keys::KeyEntryPtr& entry : entries) {
    keys::UsageCounters& usage = entry->usage();
    // Unmarked first: a use that comes now is either taken below or marks the entry again.
    usage.dirty.store(false);
    store::UsageIncrement increment;
    increment.id = entry->record().id;
    increment.uses = static_cast<std::int64_t>(usage.uses.exchange(0));
    increment.denials = static_cast<std::int64_t>(usage.denials.exchange(0));
    increment.last_used = usage.last_used.load(std::memory_order_relaxed);
    increment.last_uid = usage.last_uid.load(std::memory_order_relaxed);
    if (increment.uses > 0 || increment.denials > 0) increments.push_back(increment);
  }
  return increments;
}

}  // namespace claviger::api
