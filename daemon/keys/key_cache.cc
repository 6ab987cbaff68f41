#include "daemon/keys/key_cache.h"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace claviger::keys {

// Entries in a ring that a hand goes round to find the one that makes room ("second chance").
struct KeyCache::Shard {
  struct Slot {
    KeyEntryPtr entry;
    bool asked_for = false;  // since the hand last passed; a new entry has yet to be
  };

  mutable Mutex mutex;
  std::size_t capacity GUARDED_BY(mutex) = 1;
  std::size_t hand GUARDED_BY(mutex) = 0;
  std::vector<Slot> slots GUARDED_BY(mutex);
  std::unordered_map<KeyId, std::size_t> positions GUARDED_BY(mutex);  // in slots

  // Where a new entry goes: a slot that is empty or has been given up by `evicted`.
  std::size_t MakeRoom(KeyEntryPtr& evicted) REQUIRES(mutex);
  void Remove(std::size_t position) REQUIRES(mutex);
};

std::size_t KeyCache::Shard::MakeRoom(KeyEntryPtr& evicted) {
  if (slots.size() < capacity) {
    slots.emplace_back();
    return slots.size() - 1;
  }
  // Twice round at most: the first takes the second chances, the second finds who had none. An entry that
  // someone holds stays if it can, since its holder may be about to answer with it and must learn of changes.
  // The count is exact enough: new holders come only from Find(), which needs the mutex.
  for (std::size_t step = 0; step < 2 * slots.size(); ++step) {
    hand = (hand + 1) % slots.size();
    Slot& slot = slots[hand];
    if (std::exchange(slot.asked_for, false) || slot.entry.use_count() > 1) continue;
    break;
  }
  evicted = std::exchange(slots[hand].entry, nullptr);
  positions.erase(evicted->record().id);
  return hand;
}

void KeyCache::Shard::Remove(std::size_t position) {
  positions.erase(slots[position].entry->record().id);
  if (position + 1 != slots.size()) {
    slots[position] = std::move(slots.back());
    positions[slots[position].entry->record().id] = position;
  }
  slots.pop_back();
  if (hand >= slots.size()) hand = 0;
}

KeyCache::KeyCache(std::size_t capacity) : shards_(std::make_unique<Shard[]>(kShards)) {
  for (std::size_t i = 0; i < kShards; ++i) {
    const MutexLock lock(shards_[i].mutex);
    shards_[i].capacity = std::max<std::size_t>(1, capacity / kShards);
  }
}

KeyCache::~KeyCache() = default;

KeyCache::Shard& KeyCache::ShardOf(const KeyId& id) { return shards_[std::hash<KeyId>()(id) % kShards]; }

KeyEntryPtr KeyCache::Find(const KeyId& id) {
  Shard& shard = ShardOf(id);
  const MutexLock lock(shard.mutex);
  const auto found = shard.positions.find(id);
  if (found == shard.positions.end()) return nullptr;
  Shard::Slot& slot = shard.slots[found->second];
  slot.asked_for = true;
  return slot.entry;
}

void KeyCache::Put(KeyEntryPtr entry) {
  const KeyId id = entry->record().id;
  KeyEntryPtr old;  // dies after the lock
  Shard& shard = ShardOf(id);
  const MutexLock lock(shard.mutex);
  if (const auto found = shard.positions.find(id); found != shard.positions.end()) {
    Shard::Slot& slot = shard.slots[found->second];
    if (slot.entry == entry) return;
    old = std::exchange(slot.entry, std::move(entry));
  } else {
    const std::size_t position = shard.MakeRoom(old);
    shard.slots[position] = Shard::Slot{std::move(entry)};
    shard.positions.emplace(id, position);
  }
  if (old) old->Supersede();
}

void KeyCache::Erase(const KeyId& id) {
  KeyEntryPtr old;
  Shard& shard = ShardOf(id);
  const MutexLock lock(shard.mutex);
  const auto found = shard.positions.find(id);
  if (found == shard.positions.end()) return;
  old = shard.slots[found->second].entry;
  old->Supersede();
  shard.Remove(found->second);
}

void KeyCache::Clear() {
  for (std::size_t i = 0; i < kShards; ++i) {
    std::vector<Shard::Slot> old;
    const MutexLock lock(shards_[i].mutex);
    for (const Shard::Slot& slot : shards_[i].slots) slot.entry->Supersede();
    old.swap(shards_[i].slots);
    shards_[i].positions.clear();
    shards_[i].hand = 0;
  }
}

void KeyCache::DropProofs() {
  for (std::size_t i = 0; i < kShards; ++i) {
    const MutexLock lock(shards_[i].mutex);
    for (const Shard::Slot& slot : shards_[i].slots) slot.entry->DropProofs();
  }
}

std::size_t KeyCache::size() const {
  std::size_t total = 0;
  for (std::size_t i = 0; i < kShards; ++i) {
    const MutexLock lock(shards_[i].mutex);
    total += shards_[i].slots.size();
  }
  return total;
}

}  // namespace claviger::keys
