#include "daemon/api/loop_counters.h"

#include <gtest/gtest.h>

#include <numeric>
#include <thread>
#include <vector>

namespace claviger::api {
namespace {

using keys::VerdictCode;
using std::chrono::microseconds;

std::uint64_t CountIn(const VerdictSums& sums, VerdictCode code) {
  return sums[static_cast<std::size_t>(code)];
}

TEST(LoopCountersTest, SumsOfSeveralLoopsAndOfWhatWaitedAreMerged) {
  LoopCounters first;
  LoopCounters second;
  DeferredCounters deferred;
  first.CountVerdict(VerdictCode::kValid, 16);
  first.CountVerdict(VerdictCode::kMalformed);
  second.CountVerdict(VerdictCode::kValid);
  deferred.Begin();
  deferred.Answer(VerdictCode::kUnavailable, microseconds(70));
  VerdictSums sums{};
  first.MergeInto(sums);
  second.MergeInto(sums);
  deferred.MergeInto(sums);
  EXPECT_EQ(CountIn(sums, VerdictCode::kValid), 17U);
  EXPECT_EQ(CountIn(sums, VerdictCode::kMalformed), 1U);
  EXPECT_EQ(CountIn(sums, VerdictCode::kUnavailable), 1U);
  EXPECT_EQ(std::accumulate(sums.begin(), sums.end(), std::uint64_t{0}), 19U);
}

TEST(LoopCountersTest, ATurnsDurationCountsForEachVerificationInIt) {
  LoopCounters counters;
  counters.NoteTurn(64, microseconds(100));
  counters.NoteTurn(1, microseconds(10));
  DurationHistogram turns;
  counters.MergeInto(turns);
  EXPECT_EQ(turns.count(), 65U);
  EXPECT_EQ(turns.total(), 6410000U);
  EXPECT_GT(*turns.Percentile(0.5), microseconds(90));
}

TEST(LoopCountersTest, ATurnWithoutAVerificationIsNotNoted) {
  LoopCounters counters;
  counters.NoteTurn(0, microseconds(100));
  DurationHistogram turns;
  counters.MergeInto(turns);
  EXPECT_EQ(turns.count(), 0U);
  EXPECT_EQ(turns.total(), 0U);
}

TEST(LoopCountersTest, MissesAreCountedApartFromVerdicts) {
  LoopCounters counters;
  counters.CountMiss();
  VerdictSums sums{};
  counters.MergeInto(sums);
  EXPECT_EQ(counters.misses(), 1U);
  EXPECT_EQ(sums, VerdictSums{});
}

TEST(DeferredCountersTest, WhatHasBegunAndNotBeenAnsweredWaits) {
  DeferredCounters counters;
  EXPECT_EQ(counters.waiting(), 0U);
  counters.Begin();
  counters.Begin();
  EXPECT_EQ(counters.waiting(), 2U);
  counters.Answer(VerdictCode::kValid, microseconds(50));
  EXPECT_EQ(counters.waiting(), 1U);
}

TEST(DeferredCountersTest, AnswersOfSeveralThreadsAreAllCounted) {
  DeferredCounters counters;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10000; ++n) {
        counters.Begin();
        counters.Answer(VerdictCode::kUnknown, microseconds(40));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  VerdictSums sums{};
  counters.MergeInto(sums);
  EXPECT_EQ(CountIn(sums, VerdictCode::kUnknown), 40000U);
  EXPECT_EQ(counters.durations().count(), 40000U);
  EXPECT_EQ(counters.waiting(), 0U);
}

}  // namespace
}  // namespace claviger::api
