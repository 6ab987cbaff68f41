#include "cli/time_view.h"

#include <gtest/gtest.h>

#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr UnixSeconds kViewTime = 1'798'761'600;  // 2027-01-01T00:00:00Z

TEST(RoughDuration, RoundsToWhatAPersonReads) {
  EXPECT_EQ(RoughDuration(0), "0s");
  EXPECT_EQ(RoughDuration(59), "59s");
  EXPECT_EQ(RoughDuration(3599), "59m59s");
  EXPECT_EQ(RoughDuration(5 * 3600 + 29), "5h");
  EXPECT_EQ(RoughDuration(7 * 86400 - 2), "7d");
  EXPECT_EQ(RoughDuration(2 * 86400 + 12 * 3600 + 100), "2d12h");
  EXPECT_EQ(RoughDuration(30 * 86400 + 5 * 3600), "30d");
}

TEST(Distance, SaysWhichSideOfNowATimeIs) {
  EXPECT_EQ(Distance("2027-01-03T00:00:00Z", kViewTime), "in 2d");
  EXPECT_EQ(Distance("2026-12-31T23:00:00Z", kViewTime), "1h ago");
  EXPECT_EQ(Distance("2027-01-01T00:00:00Z", kViewTime), "0s ago");
  EXPECT_EQ(Distance("rubbish", kViewTime), "");
  EXPECT_EQ(ShowTime("2027-01-03T00:00:00Z", kViewTime), "2027-01-03T00:00:00Z (in 2d)");
  EXPECT_EQ(ShowTime("", kViewTime), "");
}

TEST(ReadWhen, TakesDurationsDatesAndRfc3339) {
  EXPECT_EQ(*ReadWhen("expires", "7d", DateMeans::kEnd, kViewTime), kViewTime + 7 * 86400);
  EXPECT_EQ(*ReadWhen("expires", "2027-01-02", DateMeans::kEnd, kViewTime), kViewTime + 2 * 86400 - 1);
  EXPECT_EQ(*ReadWhen("not-before", "2027-01-02", DateMeans::kBegin, kViewTime), kViewTime + 86400);
  EXPECT_EQ(*ReadWhen("expires", "2027-01-01T02:00:00+01:00", DateMeans::kEnd, kViewTime), kViewTime + 3600);
}

TEST(ReadWhen, CountsBackWhereThatIsMeant) {
  const auto back = [](const char* text) {
    return *ReadWhen("used-after", text, DateMeans::kBegin, kViewTime, TimeCounts::kBack);
  };
  EXPECT_EQ(back("7d"), kViewTime - 7 * 86400);
  EXPECT_EQ(back("36500d"), kEarliestTime);
  EXPECT_EQ(back("2027-01-02"), kViewTime + 86400);
}

TEST(ReadWhen, NamesTheOptionAndSaysWhatIsAccepted) {
  for (const char* text : {"", "7", "tomorrow", "7y", "99999999999999999999d", "2027-13-01",
                           "2027-01-01T00:00:00", "-7d", "0d", "7d\x1b"}) {
    const auto read = ReadWhen("expires", text, DateMeans::kEnd, kViewTime);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().exit_status, protocol::kExitUsage);
    EXPECT_TRUE(read.error().message.starts_with("--expires: ")) << read.error().message;
    EXPECT_EQ(read.error().message.find('\x1b'), std::string::npos);
    EXPECT_NE(read.error().hint, "");
  }
}

}  // namespace
}  // namespace claviger::cli
