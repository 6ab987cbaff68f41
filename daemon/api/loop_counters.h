// What verifications are counted by: per loop where they are answered at once, together where they have to
// wait. Merged when someone asks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "base/counter.h"
#include "base/duration_histogram.h"
#include "base/wait_counter.h"
#include "daemon/keys/verdict.h"

namespace claviger::api {

// How many verifications had which verdict.
using VerdictSums = std::array<std::uint64_t, keys::kVerdictCodes>;

// What one loop counts. Its loop alone writes, any thread reads: there is no locked instruction on the hot
// path. A cache line pair of its own, so that loops do not disturb each other.
class alignas(128) LoopCounters {
 public:
  // A verification that is answered at once; one that waits is counted by DeferredCounters when it is
  // answered.
  void CountVerdict(keys::VerdictCode code, std::uint64_t n = 1) {
    verdicts_[static_cast<std::size_t>(code)].Add(n);
  }
  // A well-formed key that the cache could not answer for: its verification waits for store or token.
  void CountMiss() { misses_.Add(1); }
  // In one turn of the loop `verifications` were answered at once; `took` is from the wake-up to the leaving
  // of their replies, which is what each of them took at most. None: nothing is noted.
  void NoteTurn(std::uint64_t verifications, SteadyTime::duration took) {
    if (verifications != 0) turns_.Note(took, verifications);
  }

  void MergeInto(VerdictSums& verdicts) const {
    for (std::size_t code = 0; code < verdicts.size(); ++code) verdicts[code] += verdicts_[code].Get();
  }
  void MergeInto(DurationHistogram& turns) const { turns_.MergeInto(turns); }
  std::uint64_t misses() const { return misses_.Get(); }

 private:
  std::array<OwnCounter, keys::kVerdictCodes> verdicts_;
  OwnCounter misses_;
  DurationCounter<OwnCounter> turns_;
};

// What all verifications that have to wait are counted by, on whatever thread they end. Thread-safe.
class alignas(128) DeferredCounters {
 public:
  // A verification begins to wait; Answer follows, however it ends.
  void Begin() { waits_.Begin(); }
  // Its answer is handed to its loop. `took`: since its call was read.
  void Answer(keys::VerdictCode code, SteadyTime::duration took) {
    verdicts_[static_cast<std::size_t>(code)].Add(1);
    waits_.End(took);
  }

  void MergeInto(VerdictSums& verdicts) const {
    for (std::size_t code = 0; code < verdicts.size(); ++code) verdicts[code] += verdicts_[code].Get();
  }
  DurationHistogram durations() const { return waits_.durations(); }
  // How many wait now.
  std::uint64_t waiting() const { return waits_.waiting(); }

 private:
  std::array<SharedCounter, keys::kVerdictCodes> verdicts_;
  WaitCounter waits_;
};

}  // namespace claviger::api
