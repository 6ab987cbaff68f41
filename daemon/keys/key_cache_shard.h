// A part of the key cache, with a lock of its own. Only key_cache.cc uses it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_set>
#include <vector>

#include "base/mutex.h"
#include "base/read_epochs.h"
#include "daemon/keys/key_cache.h"

namespace claviger::keys {

// Entries are owned through their count of references: one is the table's, given back once no reader can have
// the entry from there.
class KeyCache::Shard {
 public:
  Shard();
  ~Shard();

  // Which shard, which place of it, and which mark.
  static std::uint64_t HashOf(const KeyId& id);

  // `all`: how many entries all shards hold; of `capacity` at most, but for the first of each shard.
  void SetUp(ReadEpochs& epochs, std::size_t capacity, std::atomic<std::size_t>& all);
  void Prefetch(std::uint64_t hash) const;
  void PrefetchEntry(std::uint64_t hash) const;
  KeyEntry* Peek(std::uint64_t hash, const KeyId& id) const;

  KeyEntryPtr Find(std::uint64_t hash, const KeyId& id) EXCLUDES(mutex_);
  void Put(std::uint64_t hash, const KeyEntryPtr& entry) EXCLUDES(mutex_);
  bool NoteChange(std::uint64_t hash, const KeyId& id) EXCLUDES(mutex_);
  void Erase(std::uint64_t hash, const KeyId& id) EXCLUDES(mutex_);
  void Clear() EXCLUDES(mutex_);
  void DropProofs() EXCLUDES(mutex_);
  void BeginLoading() EXCLUDES(mutex_);
  void ExpectToHold(std::size_t count) EXCLUDES(mutex_);
  Loaded Load(std::uint64_t hash, const KeyEntryPtr& entry) EXCLUDES(mutex_);
  void EndLoading() EXCLUDES(mutex_);
  void ForEach(const std::function<void(KeyEntry&)>& each) const EXCLUDES(mutex_);

 private:
  // A place of the table: free, given up (a search goes on behind it), or an entry's address with 16 bits of
  // the id's hash above it, so that other entries on the way are hardly ever looked at.
  using Place = std::uint64_t;
  // Open addressing.
  struct Table {
    explicit Table(std::size_t size) : mask(size - 1), places(std::make_unique<std::atomic<Place>[]>(size)) {}
    std::size_t StartOf(std::uint64_t hash) const { return hash >> 16 & mask; }
    std::size_t Next(std::size_t at) const { return (at + 1) & mask; }
    std::size_t size() const { return mask + 1; }

    const std::size_t mask;
    const std::unique_ptr<std::atomic<Place>[]> places;
  };
  struct Limbo {
    KeyEntryPtr entry;             // or
    std::unique_ptr<Table> table;  // a table that has grown too small
    std::uint64_t epoch = 0;
  };

  // What the table points to; the shard owns it.
  const Table& table() const { return *table_.load(std::memory_order_seq_cst); }
  // nullptr: not there.
  std::atomic<Place>* PlaceFor(std::uint64_t hash, const KeyId& id) const;
  void Insert(std::uint64_t hash, const KeyEntryPtr& entry) REQUIRES(mutex_);
  void StopLoading() REQUIRES(mutex_);
  bool IsFull() const { return all_->load(std::memory_order_relaxed) >= capacity_; }
  void MakeRoom() REQUIRES(mutex_);
  void Resize() REQUIRES(mutex_);
  void Rehash(std::size_t size) REQUIRES(mutex_);
  void GiveUp(std::atomic<Place>& place) REQUIRES(mutex_);
  void Retire(Limbo limbo) REQUIRES(mutex_);
  void EmptyLimbo() REQUIRES(mutex_);

  ReadEpochs* epochs_ = nullptr;
  std::size_t capacity_ = 1;
  std::atomic<std::size_t>* all_ = nullptr;
  std::atomic<Table*> table_;
  mutable Mutex mutex_;
  std::size_t held_ GUARDED_BY(mutex_) = 0;
  std::size_t used_ GUARDED_BY(mutex_) = 0;  // places that are not free
  std::size_t hand_ GUARDED_BY(mutex_) = 0;  // goes round to find the entry that makes room ("second chance")
  std::vector<Limbo> limbo_ GUARDED_BY(mutex_);
  bool loading_ GUARDED_BY(mutex_) = false;
  std::unordered_set<KeyId> changed_ GUARDED_BY(mutex_);  // since the loading began
};

}  // namespace claviger::keys
