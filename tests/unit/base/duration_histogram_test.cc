#include "base/duration_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

namespace claviger {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr std::int64_t kShortest = std::int64_t{1} << DurationBuckets::kFirstPower;
constexpr std::int64_t kLongest = std::int64_t{1} << DurationBuckets::kLastPower;

DurationHistogram Of(const std::vector<std::int64_t>& durations) {
  DurationCounter<OwnCounter> counter;
  for (const std::int64_t duration : durations) counter.Note(nanoseconds(duration));
  DurationHistogram histogram;
  counter.MergeInto(histogram);
  return histogram;
}

TEST(DurationBucketsTest, EveryBucketBeginsWhereTheOneBeforeItEnds) {
  for (std::size_t bucket = 1; bucket < DurationBuckets::kCount; ++bucket) {
    const std::int64_t begin = DurationBuckets::Begin(bucket);
    EXPECT_EQ(DurationBuckets::Of(begin), bucket);
    EXPECT_EQ(DurationBuckets::Of(begin - 1), bucket - 1);
  }
}

TEST(DurationBucketsTest, TheFirstAndTheLastTakeAllThatIsBeyondThem) {
  EXPECT_EQ(DurationBuckets::Of(INT64_MIN), 0U);
  EXPECT_EQ(DurationBuckets::Of(-1), 0U);
  EXPECT_EQ(DurationBuckets::Of(0), 0U);
  EXPECT_EQ(DurationBuckets::Begin(0), 0);
  EXPECT_EQ(DurationBuckets::Of(kShortest), 1U);
  EXPECT_EQ(DurationBuckets::Of(kLongest - 1), DurationBuckets::kCount - 2);
  EXPECT_EQ(DurationBuckets::Of(INT64_MAX), DurationBuckets::kCount - 1);
}

TEST(DurationHistogramTest, NothingCountedHasNoPercentile) {
  EXPECT_EQ(DurationHistogram().Percentile(0.5), std::nullopt);
  EXPECT_EQ(DurationHistogram().count(), 0U);
}

TEST(DurationHistogramTest, APercentileIsWrongByASixteenthAtMost) {
  std::mt19937_64 random(5);  // always the same durations, spread over the octaves
  std::uniform_real_distribution<double> octave(DurationBuckets::kFirstPower, DurationBuckets::kLastPower);
  std::vector<std::int64_t> durations;
  for (int i = 0; i < 20000; ++i) durations.push_back(static_cast<std::int64_t>(std::exp2(octave(random))));
  const DurationHistogram histogram = Of(durations);
  std::sort(durations.begin(), durations.end());
  for (const double part : {0.0001, 0.01, 0.1, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(part * static_cast<double>(durations.size())));
    const auto exact = static_cast<double>(durations[rank - 1]);
    EXPECT_NEAR(static_cast<double>(histogram.Percentile(part)->count()), exact, exact / 16) << part;
  }
}

TEST(DurationHistogramTest, OneSlowAmongAThousandIsSeenByTheHighestPercentileOnly) {
  std::vector<std::int64_t> durations(999, 8000);
  durations.push_back(5000000);
  const DurationHistogram histogram = Of(durations);
  EXPECT_LT(*histogram.Percentile(0.999), nanoseconds(10000));
  EXPECT_GT(*histogram.Percentile(1), milliseconds(4));
}

TEST(DurationHistogramTest, DurationsBeyondTheBucketsAreGivenAsTheirEnds) {
  EXPECT_EQ(Of({3}).Percentile(0.5), nanoseconds(kShortest / 2));
  EXPECT_EQ(Of({10 * kLongest}).Percentile(0.5), nanoseconds(kLongest));
}

TEST(DurationHistogramTest, ANegativeDurationAddsNothingToTheTotal) {
  const DurationHistogram histogram = Of({-5, 7000});
  EXPECT_EQ(histogram.count(), 2U);
  EXPECT_EQ(histogram.total(), 7000U);
}

TEST(DurationHistogramTest, ADifferenceHoldsOnlyWhatCameBetween) {
  DurationCounter<SharedCounter> counter;
  counter.Note(milliseconds(900), 1000);
  DurationHistogram before;
  counter.MergeInto(before);
  counter.Note(nanoseconds(16384), 3);
  DurationHistogram after;
  counter.MergeInto(after);
  const DurationHistogram since = after.Since(before);
  EXPECT_EQ(since.count(), 3U);
  EXPECT_EQ(since.total(), 3 * 16384U);
  EXPECT_LT(*since.Percentile(1), milliseconds(1));
}

TEST(DurationHistogramTest, ADifferenceFromCountsOfAnEarlierLifeIsNotNegative) {
  const DurationHistogram since = Of({5000}).Since(Of({5000, 5000, 900000}));
  EXPECT_EQ(since.count(), 0U);
  EXPECT_EQ(since.total(), 0U);
}

TEST(DurationHistogramTest, MergedCountsAreSums) {
  DurationHistogram sum = Of({2000, 4000});
  sum.Merge(Of({2000}));
  EXPECT_EQ(sum.count(), 3U);
  EXPECT_EQ(sum.total(), 8000U);
  EXPECT_EQ(sum.Of(DurationBuckets::Of(2000)), 2U);
}

TEST(SharedCounterTest, LosesNothingOfSeveralThreads) {
  SharedCounter counter;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 50000; ++n) counter.Add(1);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter.Get(), 200000U);
}

TEST(OwnCounterTest, IsReadWhileItsThreadCounts) {
  OwnCounter counter;
  std::atomic<bool> ended{false};
  std::thread writer([&] {
    for (int n = 0; n < 200000; ++n) counter.Add(1);
    ended = true;
  });
  std::uint64_t last = 0;
  while (!ended) {
    const std::uint64_t now = counter.Get();
    ASSERT_GE(now, last);
    last = now;
  }
  writer.join();
  EXPECT_EQ(counter.Get(), 200000U);
}

}  // namespace
}  // namespace claviger
