// The one structure that loop threads share on the hot path: key id -> entry. Bounded, filled on demand.
#pragma once

#include <cstddef>
#include <memory>

#include "daemon/keys/key_entry.h"

namespace claviger::keys {

// Thread-safe. Sharded; a shard's lock is held only for one table operation.
class KeyCache {
 public:
  // Holds at most about `capacity` entries (at least one per shard); the ones not asked for lately go first.
  explicit KeyCache(std::size_t capacity);
  ~KeyCache();

  // nullptr = not cached, which says nothing of the key's existence.
  KeyEntryPtr Find(const KeyId& id);
  // Inserts or replaces. A replaced entry is superseded; so is one that has to make room while someone else
  // still holds it, which is done only when all others are held too. Only the store thread calls this, so
  // that the cache follows the order of commits.
  void Put(KeyEntryPtr entry);
  // Supersedes and forgets. For what can no longer be known (a failed commit), or is gone.
  void Erase(const KeyId& id);
  // Supersedes and forgets everything: after a new catalogue, or a rollback.
  void Clear();
  // Keeps the entries, drops what the token has confirmed: on lock, and when the token is lost.
  void DropProofs();
  std::size_t size() const;

 private:
  struct Shard;
  Shard& ShardOf(const KeyId& id);
  static constexpr std::size_t kShards = 64;
  std::unique_ptr<Shard[]> shards_;
};

}  // namespace claviger::keys
