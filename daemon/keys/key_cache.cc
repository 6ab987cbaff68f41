#include "daemon/keys/key_cache.h"

#include <algorithm>

#include "daemon/keys/key_cache_shard.h"

namespace claviger::keys {

KeyCache::KeyCache(std::size_t capacity) : capacity_(capacity), shards_(std::make_unique<Shard[]>(kShards)) {
  for (std::size_t i = 0; i < kShards; ++i) {
    shards_[i].SetUp(epochs_, capacity, held_);
  }
}

KeyCache::~KeyCache() = default;

KeyCache::Shard& KeyCache::ShardOf(std::uint64_t hash) const { return shards_[hash >> 58]; }

void KeyCache::Prefetch(const KeyId& id) const {
  const std::uint64_t hash = Shard::HashOf(id);
  ShardOf(hash).Prefetch(hash);
}

void KeyCache::PrefetchEntry(const KeyId& id) const {
  const std::uint64_t hash = Shard::HashOf(id);
  ShardOf(hash).PrefetchEntry(hash);
}

KeyEntry* KeyCache::Peek(const KeyId& id) const {
  const std::uint64_t hash = Shard::HashOf(id);
  return ShardOf(hash).Peek(hash, id);
}

KeyEntryPtr KeyCache::Find(const KeyId& id) {
  const std::uint64_t hash = Shard::HashOf(id);
  return ShardOf(hash).Find(hash, id);
}

void KeyCache::Put(const KeyEntryPtr& entry) {
  const std::uint64_t hash = Shard::HashOf(entry->id());
  ShardOf(hash).Put(hash, entry);
}

bool KeyCache::NoteChange(const KeyId& id) {
  const std::uint64_t hash = Shard::HashOf(id);
  return ShardOf(hash).NoteChange(hash, id);
}

void KeyCache::Erase(const KeyId& id) {
  const std::uint64_t hash = Shard::HashOf(id);
  ShardOf(hash).Erase(hash, id);
}

void KeyCache::Clear() {
  for (std::size_t i = 0; i < kShards; ++i) shards_[i].Clear();
}

void KeyCache::DropProofs() {
  for (std::size_t i = 0; i < kShards; ++i) shards_[i].DropProofs();
}

void KeyCache::BeginLoading() {
  for (std::size_t i = 0; i < kShards; ++i) shards_[i].BeginLoading();
}

void KeyCache::ExpectToHold(std::size_t count) {
  const std::size_t each = std::min(count, capacity_) / kShards;
  for (std::size_t i = 0; i < kShards; ++i) shards_[i].ExpectToHold(each);
}

KeyCache::Loaded KeyCache::Load(const KeyEntryPtr& entry) {
  const std::uint64_t hash = Shard::HashOf(entry->id());
  return ShardOf(hash).Load(hash, entry);
}

void KeyCache::EndLoading() {
  for (std::size_t i = 0; i < kShards; ++i) shards_[i].EndLoading();
}

void KeyCache::ForEach(const std::function<void(const KeyEntry&)>& each) const {
  for (std::size_t i = 0; i < kShards; ++i) shards_[i].ForEach([&](KeyEntry& entry) { each(entry); });
}

std::size_t KeyCache::size() const { return held_.load(std::memory_order_relaxed); }

}  // namespace claviger::keys
