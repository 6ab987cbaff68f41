// How long something took, over and over: counts in buckets whose width grows with the duration, so that
// percentiles cost little memory and counting costs no search.
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/counter.h"

namespace claviger {

// Eight buckets of equal width between a power of two and the next, from 2^10 ns (1 us) to 2^34 ns (17 s);
// one more below and one above.
class DurationBuckets {
 public:
  static constexpr int kFirstPower = 10;
  static constexpr int kLastPower = 34;
  static constexpr std::size_t kParts = 8;
  static constexpr std::size_t kCount = static_cast<std::size_t>(kLastPower - kFirstPower) * kParts + 2;

  // The bucket of a duration; one that is negative counts as none at all.
  static constexpr std::size_t Of(std::int64_t nanoseconds) {
    if (nanoseconds < std::int64_t{1} << kFirstPower) return 0;
    if (nanoseconds >= std::int64_t{1} << kLastPower) return kCount - 1;
    const auto value = static_cast<std::uint64_t>(nanoseconds);
    const int power = static_cast<int>(std::bit_width(value)) - 1;
    const std::size_t part = (value >> (power - kPartBits)) & (kParts - 1);
    return 1 + static_cast<std::size_t>(power - kFirstPower) * kParts + part;
  }
  // The least duration of a bucket, in nanoseconds: that of the next one is where it ends. `bucket` is less
  // than kCount.
  static constexpr std::int64_t Begin(std::size_t bucket) {
    if (bucket == 0) return 0;
    const std::size_t from_first = bucket - 1;
    const int power = kFirstPower + static_cast<int>(from_first / kParts);
    return static_cast<std::int64_t>(kParts + from_first % kParts) << (power - kPartBits);
  }

 private:
  static constexpr int kPartBits = 3;
  static_assert(kParts == std::size_t{1} << kPartBits);
};

// What was counted up to a moment, or between two. A plain value.
class DurationHistogram {
 public:
  void Add(std::size_t bucket, std::uint64_t n) { counts_[bucket] += n; }
  void AddTotal(std::uint64_t nanoseconds) { total_ += nanoseconds; }
  void Merge(const DurationHistogram& other);
  // What came after `earlier`; what has become less, since it was counted anew, is nothing.
  DurationHistogram Since(const DurationHistogram& earlier) const;

  std::uint64_t Of(std::size_t bucket) const { return counts_[bucket]; }
  std::uint64_t count() const;
  // Nanoseconds, all durations together.
  std::uint64_t total() const { return total_; }
  // The duration that `part` (above 0, at most 1) of all did not exceed: 0.5 for the median. Between 2^10 ns
  // and 2^34 ns it is wrong by at most a sixteenth; a shorter one is given as half of the former, a longer
  // one as the latter. nullopt if nothing was counted.
  std::optional<std::chrono::nanoseconds> Percentile(double part) const;

 private:
  std::array<std::uint64_t, DurationBuckets::kCount> counts_{};
  std::uint64_t total_ = 0;
};

// Counts durations while others read. `Counter`: OwnCounter for one writer, SharedCounter for several.
template <typename Counter>
class DurationCounter {
 public:
  // `n` times the same duration.
  void Note(SteadyTime::duration took, std::uint64_t n = 1) {
    const std::int64_t nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(took).count();
    counts_[DurationBuckets::Of(nanoseconds)].Add(n);
    if (nanoseconds > 0) total_.Add(static_cast<std::uint64_t>(nanoseconds) * n);
  }
  void MergeInto(DurationHistogram& sum) const {
    for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) sum.Add(bucket, counts_[bucket].Get());
    sum.AddTotal(total_.Get());
  }

 private:
  std::array<Counter, DurationBuckets::kCount> counts_;
  Counter total_;
};

}  // namespace claviger
