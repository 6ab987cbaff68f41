// How many bad keys a local user may present before it has to wait: guessing costs the guesser, never the
// key.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"

namespace claviger::api {

struct FailureLimits {
  std::uint32_t per_minute = 600;
  std::uint32_t burst = 200;
};

// A token bucket of one uid, kept as the time at which it would be full again. Thread-safe, lock-free.
class FailureBudget {
 public:
  bool Exhausted(SteadyTime now, const FailureLimits& limits) const;
  void Spend(SteadyTime now, const FailureLimits& limits);
  bool Full(SteadyTime now) const;
  // A call was answered `rate_limited`.
  void CountRefusal() { refusals_.fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t TakeRefusals() { return refusals_.exchange(0, std::memory_order_relaxed); }

 private:
  std::atomic<SteadyTime::rep> full_at_{0};
  std::atomic<std::uint64_t> refusals_{0};
};

// The budgets of all uids that have connections, or have failed lately. Thread-safe.
class FailureBudgets {
 public:
  // The same budget for the same uid, also across connections.
  std::shared_ptr<FailureBudget> Of(uid_t uid) EXCLUDES(mutex_);
  // Who was answered `rate_limited` since the last call, and how often.
  std::vector<std::pair<uid_t, std::uint64_t>> TakeRefusals() EXCLUDES(mutex_);

 private:
  // Above this many, budgets that are full and held by nobody are forgotten.
  static constexpr std::size_t kSweepAbove = 1024;

  Mutex mutex_;
  std::unordered_map<uid_t, std::shared_ptr<FailureBudget>> budgets_ GUARDED_BY(mutex_);
};

}  // namespace claviger::api
