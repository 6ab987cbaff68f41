// The one structure that loop threads share on the hot path: key id -> entry. Bounded, filled on demand.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/read_epochs.h"
#include "daemon/keys/key_entry.h"

namespace claviger::keys {

// Thread-safe. Sharded; writers of a shard take its lock, readers of the hot path none. Memory grows with
// what it holds: 8 to 16 bytes for each place and the entries.
class KeyCache {
 public:
  // Holds at most `capacity` entries, but for the first of each shard; of a shard, the ones not asked for
  // lately go first.
  explicit KeyCache(std::size_t capacity);
  ~KeyCache();

  // For readers of the hot path: one for each thread; it must not outlive the cache.
  ReadEpochs& epochs() { return epochs_; }
  // Has the processor fetch what Peek will read first.
  void Prefetch(const KeyId& id) const;
  // The same for what it will read then; after Prefetch.
  void PrefetchEntry(const KeyId& id) const;
  // nullptr = not cached. The caller is in a section of a reader of epochs(), and the entry is there until
  // the section ends, also if it is superseded meanwhile.
  KeyEntry* Peek(const KeyId& id) const;

  // nullptr = not cached, which says nothing of the key's existence. Counts as asking for it.
  KeyEntryPtr Find(const KeyId& id);
  // Inserts or replaces. A replaced entry is superseded; so is one that has to make room while someone else
  // still holds it, which is done only when all others are held too. Only the store thread calls this and
  // Erase, so that the cache follows the order of commits.
  void Put(const KeyEntryPtr& entry);
  // The record of a key has changed: true if the key is in memory, so that the caller has to Put what it is
  // now. If it is not, a loading that is under way no longer brings what it was.
  [[nodiscard]] bool NoteChange(const KeyId& id);
  // Supersedes and forgets. For what can no longer be known (a failed commit), or is gone.
  void Erase(const KeyId& id);
  // Supersedes and forgets everything: after a new catalogue, or a rollback.
  void Clear();
  // Keeps the entries, drops what the token has confirmed: on lock, and when the token is lost.
  void DropProofs();

  // Loading puts in entries that were right when it began, while the work of all others goes on: what Put,
  // NoteChange or Erase has been told of since then, or what is there, stays as it is. Clear and DropProofs
  // end it, as does EndLoading. BeginLoading is called where no entry can change before it returns: on the
  // store thread. Load is for any thread.
  void BeginLoading();
  // Has the tables large enough for `count` entries at once. What comes in the order of another table's
  // places crowds in one that grows under it, and each entry is then looked for among all the others.
  void ExpectToHold(std::size_t count);
  enum class Loaded {
    kTaken,
    kLeft,   // it is there already, was changed meanwhile, or there is no room
    kEnded,  // and so is the loading
  };
  Loaded Load(const KeyEntryPtr& entry);
  void EndLoading();

  // Calls `each` on every entry, shard by shard under its lock.
  void ForEach(const std::function<void(const KeyEntry&)>& each) const;
  std::size_t size() const;
  std::size_t capacity() const { return capacity_; }

 private:
  class Shard;
  static constexpr std::size_t kShards = 64;

  Shard& ShardOf(std::uint64_t hash) const;

  const std::size_t capacity_;
  std::atomic<std::size_t> held_{0};
  ReadEpochs epochs_;
  std::unique_ptr<Shard[]> shards_;
};

}  // namespace claviger::keys
