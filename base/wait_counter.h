// What is asked of another thread or process and answered later: how much waits now, and how long the answers
// took.
#pragma once

#include <cstdint>

#include "base/counter.h"
#include "base/duration_histogram.h"

namespace claviger {

// Thread-safe.
class WaitCounter {
 public:
  // Something is asked; End follows, however it ends.
  void Begin() { begun_.Add(1); }
  // The answer is there. `took`: since it was asked.
  void End(SteadyTime::duration took) {
    durations_.Note(took);
    ended_.Add(1);
  }

  // How much waits now.
  std::uint64_t waiting() const {
    // In this order, so that what ends between the two reads is not taken for more than was begun.
    const std::uint64_t ended = ended_.Get();
    const std::uint64_t begun = begun_.Get();
    return begun > ended ? begun - ended : 0;
  }
  DurationHistogram durations() const {
    DurationHistogram histogram;
    durations_.MergeInto(histogram);
    return histogram;
  }

 private:
  SharedCounter begun_;
  SharedCounter ended_;
  DurationCounter<SharedCounter> durations_;
};

}  // namespace claviger
