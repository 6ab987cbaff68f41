#include "cli/figures.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <chrono>

#include "cli/figure_text.h"

namespace claviger::cli {
namespace {

using std::chrono::nanoseconds;

Figures Parsed(std::string_view text) { return FiguresOf(boost::json::parse(text).as_object()); }

TEST(FiguresTest, WhatIsAbsentReadsAsNothing) {
  const Figures figures = Parsed("{}");
  EXPECT_EQ(figures.verifications(), 0);
  EXPECT_EQ(figures.from_memory_part(), std::nullopt);
  EXPECT_EQ(figures.at_once.count(), 0U);
  EXPECT_TRUE(figures.busiest_keys.empty());
}

TEST(FiguresTest, WhatIsNoCountReadsAsNothing) {
  const Figures figures = Parsed(
      R"({"elapsed":"x","verifications":{"valid":-1.5,"expired":2},)"
      R"("answered_at_once":{"total":-5,"buckets":[7,{"from":"a","count":-3}]},"busiest_keys":[null]})");
  EXPECT_EQ(figures.verifications(), 2);
  EXPECT_EQ(figures.at_once.count(), 0U);
  EXPECT_EQ(figures.at_once.total(), 0U);
  EXPECT_TRUE(figures.busiest_keys.empty());
}

TEST(FiguresTest, TextIsMadeSafeToShow) {
  const Figures figures = Parsed(
      R"({"verifications":{"a\u001b[2J":1},"busiest_keys":[{"key_id":"k","name":"x\u001b]0;y\u0007"}]})");
  EXPECT_EQ(figures.verdicts.at(0).first.find('\x1b'), std::string::npos);
  EXPECT_EQ(figures.busiest_keys.at(0).name.find('\x1b'), std::string::npos);
}

TEST(FiguresTest, ADifferenceHoldsWhatCameBetweenAndWhatIsNow) {
  const Figures before = Parsed(
      R"({"started_at":"a","elapsed":1000000000,"verifications":{"valid":10,"expired":1},"from_memory":5,)"
      R"("missed":5,"answered_at_once":{"count":1,"total":9,"buckets":[{"from":8192,"count":1}]},)"
      R"("memory":100})");
  const Figures after =
      Parsed(R"({"started_at":"a","elapsed":3000000000,"verifications":{"valid":30,"expired":1,"paused":2},)"
             R"("from_memory":14,"missed":6,"answered_at_once":{"count":4,"total":99,)"
             R"("buckets":[{"from":8192,"count":1},{"from":65536,"count":3}]},"memory":200})");
  const Figures since = after.Since(before);
  EXPECT_DOUBLE_EQ(since.seconds(), 2);
  EXPECT_EQ(since.verifications(), 22);
  EXPECT_DOUBLE_EQ(since.from_memory_part().value(), 0.9);
  EXPECT_EQ(since.at_once.count(), 3U);
  EXPECT_GT(*since.at_once.Percentile(0.01), nanoseconds(60000));
  EXPECT_EQ(since.memory, 200);
}

TEST(FiguresTest, ADaemonThatWasStartedAnewIsCountedFromItsStart) {
  const Figures before = Parsed(R"({"started_at":"a","elapsed":9,"verifications":{"valid":1000}})");
  const Figures after = Parsed(R"({"started_at":"b","elapsed":12,"verifications":{"valid":3}})");
  EXPECT_EQ(after.Since(before).verifications(), 3);
  EXPECT_EQ(after.Since(before).elapsed, 12);
  // Within one second of the wall clock.
  const Figures at_once = Parsed(R"({"started_at":"a","elapsed":8,"verifications":{"valid":3}})");
  EXPECT_EQ(at_once.Since(before).verifications(), 3);
}

TEST(FigureTextTest, CountsHaveTheirThousandsApart) {
  EXPECT_EQ(ShowCount(0), "0");
  EXPECT_EQ(ShowCount(999), "999");
  EXPECT_EQ(ShowCount(1000), "1,000");
  EXPECT_EQ(ShowCount(-1234567), "-1,234,567");
}

TEST(FigureTextTest, RatesAreAsExactAsTheyAreSmall) {
  EXPECT_EQ(ShowRate(0, 2), "0");
  EXPECT_EQ(ShowRate(1, 20), "0.05");
  EXPECT_EQ(ShowRate(1, 2), "0.5");
  EXPECT_EQ(ShowRate(19, 2), "9.5");
  EXPECT_EQ(ShowRate(256801, 2), "128,401");
  EXPECT_EQ(ShowRate(5, 0), "-");
}

TEST(FigureTextTest, DurationsHaveTheUnitOfTheirSize) {
  EXPECT_EQ(ShowDuration(std::nullopt), "-");
  EXPECT_EQ(ShowDuration(nanoseconds(512)), "512 ns");
  EXPECT_EQ(ShowDuration(nanoseconds(8704)), "8.7 us");
  EXPECT_EQ(ShowDuration(nanoseconds(9960)), "10 us");
  EXPECT_EQ(ShowDuration(nanoseconds(999700)), "1.0 ms");
  EXPECT_EQ(ShowDuration(nanoseconds(31000000)), "31 ms");
  EXPECT_EQ(ShowDuration(nanoseconds(17179869184)), "17 s");
}

TEST(FigureTextTest, OnlyAllIsAHundredPercent) {
  EXPECT_EQ(ShowPart(std::nullopt), "-");
  EXPECT_EQ(ShowPart(1.0), "100 %");
  EXPECT_EQ(ShowPart(0.99999), "99.9 %");
  EXPECT_EQ(ShowPart(0.0), "0 %");
}

TEST(FigureTextTest, BytesHaveTheUnitOfTheirSize) {
  EXPECT_EQ(ShowBytes(0), "-");
  EXPECT_EQ(ShowBytes(38LL << 20), "38 MiB");
  EXPECT_EQ(ShowBytes(3LL << 29), "1.5 GiB");
}

}  // namespace
}  // namespace claviger::cli
