// Collects who used which key, for the store to write behind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "daemon/keys/key_string.h"
#include "daemon/keys/verdict.h"
#include "daemon/store/usage_repository.h"

namespace claviger::api {

using CallerPtr = std::shared_ptr<const store::Caller>;

// Gives every caller one object, so that callers are the same where their pointers are. Thread-safe.
class Callers {
 public:
  CallerPtr Of(std::uint32_t uid, const std::string& unit) EXCLUDES(mutex_);

 private:
  Mutex mutex_;
  std::map<store::Caller, std::weak_ptr<const store::Caller>> known_ GUARDED_BY(mutex_);
  std::size_t prune_at_ GUARDED_BY(mutex_) = 1024;
};

// Verifications of one key, asked by one caller, that were denied for the same reason.
struct Denial {
  keys::KeyId id;
  keys::VerdictCode code = keys::VerdictCode::kUnknown;
  CallerPtr caller;
  std::int64_t count = 0;
};

// A hundred thousand keys may have been used, so it has no order.
using UsageByKey = std::unordered_map<keys::KeyId, store::UsageIncrement>;

// A verification with the right secret of `generation`.
struct UsageNote {
  keys::KeyId id;
  std::uint32_t generation = 0;
  keys::VerdictCode code = keys::VerdictCode::kValid;
};

// Thread-safe, but made for one loop each: its lock is then free but for the moment of Take, and is taken
// once for all verifications that are answered together. Noting what has been noted since the last Take
// allocates nothing.
class UsageLedger {
 public:
  // Kinds of verification that are held while the store cannot take them; further ones are not counted.
  static constexpr std::size_t kMaxHeld = 262144;

  UsageLedger();

  // `caller` is not null.
  void Note(std::span<const UsageNote> notes, const CallerPtr& caller, UnixSeconds now) EXCLUDES(mutex_);
  // `scope` was asked of the unscoped key `id`.
  void NoteAsked(const keys::KeyId& id, std::string_view scope, UnixSeconds now) EXCLUDES(mutex_);

  // Adds what has been noted since the last Take; denials also by themselves.
  void TakeInto(UsageByKey& increments, std::vector<Denial>& denials) EXCLUDES(mutex_);

 private:
  // The verifications of one kind: same key, generation, verdict and caller.
  struct Kind {
    UsageNote what;
    CallerPtr caller;
    std::int64_t count = 0;
    UnixSeconds last = 0;
  };
  struct Asked {
    keys::KeyId id;
    store::AskedScope scope;
  };
  // Open addressing. A place is 0, or 1 + the position in kinds_ with bits of the hash above it, so that
  // other kinds on the way are hardly ever looked at.
  using Place = std::uint32_t;
  using Places = std::vector<Place>;

  static void AddTo(store::UsageIncrement& increment, const Kind& kind);
  void NoteOne(const UsageNote& note, const CallerPtr& caller, UnixSeconds now) REQUIRES(mutex_);
  std::size_t FirstPlaceOf(std::size_t hash) const REQUIRES(mutex_);
  Place& PlaceOf(std::size_t hash, const UsageNote& note, const CallerPtr& caller) REQUIRES(mutex_);
  void Grow() REQUIRES(mutex_);
  std::size_t Room() EXCLUDES(mutex_);

  Mutex mutex_;
  std::vector<Kind> kinds_ GUARDED_BY(mutex_);
  Places places_ GUARDED_BY(mutex_);  // at least twice as many as kinds; a power of two
  std::vector<Asked> asked_ GUARDED_BY(mutex_);
  std::size_t room_ GUARDED_BY(mutex_) = 0;  // kinds that were noted between two Takes lately
};

}  // namespace claviger::api
