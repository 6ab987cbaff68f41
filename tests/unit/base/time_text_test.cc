#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "base/clock.h"

namespace claviger {
namespace {

using ::testing::HasSubstr;
constexpr std::int64_t kSecondsOfDay = 86400;

TEST(FormatTime, IsRfc3339InUtc) {
  EXPECT_EQ(FormatTime(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatTime(1798070400), "2026-12-24T00:00:00Z");
  EXPECT_EQ(FormatTime(1709251199), "2024-02-29T23:59:59Z");
  EXPECT_EQ(FormatTime(kEarliestTime), "2020-01-01T00:00:00Z");
  EXPECT_EQ(FormatTime(kLatestTime), "9999-12-31T23:59:59Z");
}

TEST(ParseTime, TakesRfc3339) {
  const std::vector<std::pair<const char*, UnixSeconds>> times = {
      {"2026-12-24T00:00:00Z", 1798070400},      {"2026-12-24t00:00:00z", 1798070400},
      {"2026-12-24T01:00:00+01:00", 1798070400}, {"2026-12-23T18:30:00-05:30", 1798070400},
      {"2026-12-24T00:00:00-00:00", 1798070400}, {"2026-12-24T23:59:00+23:59", 1798070400},
      {"2024-02-29T23:59:59Z", 1709251199},      {"2020-01-01T00:00:00Z", kEarliestTime},
      {"9999-12-31T23:59:59Z", kLatestTime},     {"2000-02-29T00:00:00Z", 0},
  };
  for (const auto& [text, time] : times) {
    const auto parsed = ParseTime(text);
    if (time == 0) {
      EXPECT_FALSE(parsed) << text << " is before the years that records may name";
    } else {
      ASSERT_TRUE(parsed) << text << ": " << parsed.error().message();
      EXPECT_EQ(*parsed, time) << text;
    }
  }
}

TEST(ParseTime, TakesADateAloneAsItsLastSecond) {
  EXPECT_EQ(*ParseTime("2026-12-24"), 1798070400 + kSecondsOfDay - 1);
  EXPECT_EQ(*ParseTime("9999-12-31"), kLatestTime);
}

TEST(ParseTime, IsTheReverseOfFormatTime) {
  for (UnixSeconds time = kEarliestTime; time < kLatestTime; time += 98765431) {
    ASSERT_EQ(*ParseTime(FormatTime(time)), time);
  }
}

TEST(ParseTime, RefusesEverythingElse) {
  for (const char* text : {"",
                           "2026",
                           "2026-12",
                           "2026-12-",
                           "2026-12-2",
                           "2026-12-24T",
                           "2026-12-24T00",
                           "2026-12-24T00:00",
                           "2026-12-24T00:00Z",
                           "2026-12-24T00:00:00",
                           "2026-12-24 00:00:00Z",
                           "2026-12-24T00:00:00.5Z",
                           "2026-12-24T00:00:00,5Z",
                           "2026-12-24T24:00:00Z",
                           "2026-12-24T00:60:00Z",
                           "2026-12-24T23:59:60Z",
                           "2026-13-01",
                           "2026-00-01",
                           "2026-01-00",
                           "2026-01-32",
                           "2026-04-31",
                           "2025-02-29",
                           "2100-02-29",
                           "2026-12-24T00:00:00Zx",
                           "2026-12-24T00:00:00ZZ",
                           "2026-12-24T00:00:00+1:00",
                           "2026-12-24T00:00:00+01",
                           "2026-12-24T00:00:00+0100",
                           "2026-12-24T00:00:00+24:00",
                           "2026-12-24T00:00:00+01:60",
                           "26-12-24",
                           "02026-12-24",
                           "+2026-12-24",
                           "-026-12-24",
                           "2026-1-24",
                           "2026/12/24",
                           "20261224",
                           " 2026-12-24",
                           "2026-12-24 ",
                           "24.12.2026",
                           "tomorrow",
                           "1798070400",
                           "2026-12-2a",
                           "2026-12-24T0a:00:00Z",
                           "2019-12-31T23:59:59Z",
                           "2019-12-31",
                           "0000-01-01",
                           "9999-12-31T23:59:59-00:01",
                           "10000-01-01"}) {
    const auto parsed = ParseTime(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(parsed.error().message(), HasSubstr("write it as 2026-12-24"));
  }
}

TEST(ParseDuration, TakesWhatPeopleWrite) {
  const std::vector<std::pair<const char*, std::int64_t>> durations = {
      {"1s", 1},
      {"90s", 90},
      {"15m", 900},
      {"12h", 43200},
      {"7d", 7 * kSecondsOfDay},
      {"2w", 14 * kSecondsOfDay},
      {"1d12h", 129600},
      {"1w1d1h1m1s", 694861},
      {"0d5m", 300},
      {"007d", 7 * kSecondsOfDay},
      {"36525d", 36525 * kSecondsOfDay},
      {"3155760000s", 36525 * kSecondsOfDay},
  };
  for (const auto& [text, seconds] : durations) {
    const auto parsed = ParseDuration(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().message();
    EXPECT_EQ(*parsed, seconds) << text;
  }
}

TEST(ParseDuration, RefusesEverythingElse) {
  for (const char* text : {"",
                           "0",
                           "0s",
                           "0d0h",
                           "7",
                           "d",
                           "7D",
                           "7 d",
                           " 7d",
                           "7d ",
                           "-7d",
                           "+7d",
                           "1.5d",
                           "1y",
                           "1mo",
                           "3months",
                           "7days",
                           "1h1d",
                           "1d1d",
                           "1d2",
                           "1dd",
                           "36526d",
                           "36525d1s",
                           "5218w4d",
                           "99999999999999999999999999d",
                           "9223372036854775807w",
                           "9223372036854775808s",
                           "７d"}) {
    const auto parsed = ParseDuration(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(parsed.error().message(), HasSubstr("write it as 90s"));
  }
}

TEST(ParseDuration, SaysWhyMonthsAreRefused) {
  EXPECT_THAT(ParseDuration("1mo").error().message(), HasSubstr("no fixed length"));
  EXPECT_THAT(ParseDuration("1y").error().message(), HasSubstr("no fixed length"));
}

TEST(FormatDuration, IsExactAndShort) {
  EXPECT_EQ(FormatDuration(7 * kSecondsOfDay), "7d");
  EXPECT_EQ(FormatDuration(129600), "1d12h");
  EXPECT_EQ(FormatDuration(90), "90s");
  EXPECT_EQ(FormatDuration(119), "119s");
  EXPECT_EQ(FormatDuration(120), "2m");
  EXPECT_EQ(FormatDuration(150), "2m30s");
  EXPECT_EQ(FormatDuration(900), "15m");
  EXPECT_EQ(FormatDuration(365 * kSecondsOfDay), "365d");
  EXPECT_EQ(FormatDuration(kSecondsOfDay + 1), "1d1s");
  EXPECT_EQ(FormatDuration(0), "0s");
  EXPECT_EQ(FormatDuration(-90), "-90s");
  EXPECT_EQ(FormatDuration(-7 * kSecondsOfDay - 3600), "-7d1h");
}

TEST(FormatDuration, IsWhatParseDurationReads) {
  for (std::int64_t seconds = 1; seconds < 36525 * kSecondsOfDay; seconds = seconds * 3 + 7) {
    ASSERT_EQ(*ParseDuration(FormatDuration(seconds)), seconds);
  }
}

}  // namespace
}  // namespace claviger
