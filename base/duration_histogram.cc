#include "base/duration_histogram.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace claviger {

void DurationHistogram::Merge(const DurationHistogram& other) {
  for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) counts_[bucket] += other.counts_[bucket];
  total_ += other.total_;
}

DurationHistogram DurationHistogram::Since(const DurationHistogram& earlier) const {
  const auto growth = [](std::uint64_t now, std::uint64_t before) { return now - std::min(now, before); };
  DurationHistogram since;
  for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    since.counts_[bucket] = growth(counts_[bucket], earlier.counts_[bucket]);
  }
  since.total_ = growth(total_, earlier.total_);
  return since;
}

std::uint64_t DurationHistogram::count() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

std::optional<std::chrono::nanoseconds> DurationHistogram::Percentile(double part) const {
  const std::uint64_t all = count();
  if (all == 0) return std::nullopt;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(all)));
  const std::uint64_t rank = std::clamp<std::uint64_t>(wanted, 1, all);
  std::size_t bucket = 0;
  for (std::uint64_t passed = counts_[0]; passed < rank; passed += counts_[bucket]) ++bucket;
  const std::int64_t begin = DurationBuckets::Begin(bucket);
  if (bucket + 1 == counts_.size()) return std::chrono::nanoseconds(begin);
  return std::chrono::nanoseconds((begin + DurationBuckets::Begin(bucket + 1)) / 2);
}

}  // namespace claviger
