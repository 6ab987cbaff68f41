// Which keys and which services are verified most, in the time between two collections of the usage.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "daemon/api/usage_ledger.h"
#include "daemon/keys/key_string.h"
#include "daemon/store/usage_repository.h"

namespace claviger::api {

// Verifications with the right secret: that were valid, and that were denied.
struct BusyKey {
  keys::KeyId id;
  std::int64_t valid = 0;
  std::int64_t denied = 0;
};
struct BusyCaller {
  store::Caller caller;
  std::int64_t valid = 0;
  std::int64_t denied = 0;
};

// The busiest come first.
struct BusyTime {
  SteadyTime::duration over{0};  // how long the counts were gathered; zero: nothing is known
  std::vector<BusyKey> keys;
  std::vector<BusyCaller> callers;
};

// Thread-safe. Keeps the last collection's busiest only, so its memory does not grow with keys or callers.
class Busiest {
 public:
  static constexpr std::size_t kListed = 20;  // keys, and callers
  // A collection that is older says nothing of what is busy now.
  static constexpr std::chrono::seconds kLongest{10};

  explicit Busiest(SteadyTime now) : taken_(now) {}

  // One collection, at `now`: what UsageLedger::TakeInto has given of all loops. None at all is one too.
  void Take(const UsageByKey& increments, std::span<const Denial> denials, SteadyTime now) EXCLUDES(mutex_);
  // Of the last collection; empty if that is older than kLongest.
  BusyTime Of(SteadyTime now) const EXCLUDES(mutex_);

 private:
  mutable Mutex mutex_;
  SteadyTime taken_ GUARDED_BY(mutex_);
  BusyTime last_ GUARDED_BY(mutex_);
};

}  // namespace claviger::api
