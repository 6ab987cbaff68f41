#include "daemon/api/statistics.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace claviger::api {
namespace {

using keys::VerdictCode;
using std::chrono::microseconds;
using std::chrono::seconds;

const SteadyTime kStart{seconds(1000)};

std::string TextOf(const boost::json::object& object) { return boost::json::serialize(object); }

TEST(StatisticsTest, FiguresOfAllLoopsAndOfWhatWaitedAreTogether) {
  Statistics statistics(kStart);
  LoopCounters& first = statistics.AddLoop();
  LoopCounters& second = statistics.AddLoop();
  first.CountVerdict(VerdictCode::kValid, 10);
  first.NoteTurn(10, microseconds(20));
  second.CountVerdict(VerdictCode::kValid, 5);
  second.NoteTurn(5, microseconds(20));
  second.CountMiss();
  second.CountMiss();
  statistics.deferred().Begin();
  statistics.deferred().Begin();
  statistics.deferred().Answer(VerdictCode::kUnknown, microseconds(60));
  const VerificationFigures figures = statistics.Verifications();
  EXPECT_EQ(figures.verdicts[static_cast<std::size_t>(VerdictCode::kValid)], 15U);
  EXPECT_EQ(figures.verdicts[static_cast<std::size_t>(VerdictCode::kUnknown)], 1U);
  EXPECT_EQ(figures.verdicts, statistics.Verdicts());
  EXPECT_EQ(figures.from_memory, 15U);
  EXPECT_EQ(figures.missed, 2U);
  EXPECT_EQ(figures.waiting, 1U);
  EXPECT_EQ(figures.at_once.count(), 15U);
  EXPECT_EQ(figures.later.count(), 1U);
}

TEST(StatisticsTest, WhatIsNoKeyOrHasNoBudgetIsNotAnsweredFromMemory) {
  Statistics statistics(kStart);
  LoopCounters& loop = statistics.AddLoop();
  loop.CountVerdict(VerdictCode::kMalformed, 7);
  loop.CountVerdict(VerdictCode::kRateLimited, 3);
  loop.CountVerdict(VerdictCode::kExpired);
  EXPECT_EQ(statistics.Verifications().from_memory, 1U);
}

TEST(StatisticsTest, VerdictsAreToldByEveryCode) {
  VerdictSums sums{};
  sums[static_cast<std::size_t>(VerdictCode::kExpired)] = 3;
  const boost::json::object json = VerdictsJson(sums);
  EXPECT_EQ(json.size(), keys::kVerdictCodes);
  EXPECT_EQ(json.at("expired").as_int64(), 3);
  EXPECT_EQ(json.at("valid").as_int64(), 0);
}

TEST(StatisticsTest, DurationsOfNothingHaveNoPercentiles) {
  EXPECT_EQ(TextOf(DurationsJson(DurationHistogram())), R"({"count":0,"total":0,"buckets":[]})");
}

TEST(StatisticsTest, DurationsAreToldWithTheirPercentilesAndTheBucketsThatHoldAny) {
  DurationCounter<OwnCounter> counter;
  counter.Note(std::chrono::nanoseconds(2048), 3);
  counter.Note(seconds(3600));
  DurationHistogram durations;
  counter.MergeInto(durations);
  EXPECT_EQ(TextOf(DurationsJson(durations)),
            R"({"count":4,"total":3600000006144,"p50":2176,"p99":17179869184,"p999":17179869184,)"
            R"("buckets":[{"from":2048,"until":2304,"count":3},{"from":17179869184,"count":1}]})");
}

TEST(StatisticsTest, TheBusiestAreToldWithTheNamesThatAreKnown) {
  keys::KeyId known;
  known.bytes.back() = 1;
  BusyTime busy;
  busy.over = seconds(2);
  busy.keys = {{known, 9, 1}, {keys::KeyId(), 3, 0}};
  busy.callers = {{{1000, "web.service"}, 9, 1}, {{0, ""}, 3, 0}};
  boost::json::object reply;
  AddBusiest(reply, busy,
             [&](const keys::KeyId& id) { return id == known ? std::string("backup") : std::string(); });
  EXPECT_EQ(TextOf(reply), R"({"busiest_over":2000000000,"busiest_keys":[{"key_id":")" + known.ToString() +
                               R"(","name":"backup","valid":9,"denied":1},{"key_id":")" +
                               keys::KeyId().ToString() +
                               R"(","valid":3,"denied":0}],)"
                               R"("busiest_callers":[{"uid":1000,"unit":"web.service","valid":9,"denied":1},)"
                               R"({"uid":0,"valid":3,"denied":0}]})");
}

TEST(StatisticsTest, TheMemoryInUseIsTold) { EXPECT_GT(ResidentBytes(), 100000U); }

}  // namespace
}  // namespace claviger::api
