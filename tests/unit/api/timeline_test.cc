#include "daemon/api/timeline.h"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>

namespace claviger::api {
namespace {

constexpr UnixSeconds kTimelineTime = 1790000000;
constexpr std::int64_t kOneDay = 86400;

// Of the spans' keys, all together; each must begin where the one before ended.
std::int64_t SumWithoutGaps(const boost::json::array& spans) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const auto& span = spans[i].as_object();
    sum += span.at("keys").as_int64();
    EXPECT_LT(span.at("from").as_string(), span.at("until").as_string());
    if (i > 0) {
      EXPECT_EQ(span.at("from"), spans[i - 1].at("until"));
    }
  }
  return sum;
}

TEST(Timeline, BeginsWithEightWeeksAndGoesOnInMonths) {
  const auto spans = Timeline(Timeline::Direction::kAhead, kTimelineTime).Json();
  ASSERT_EQ(spans.size(), 19U);
  EXPECT_EQ(SumWithoutGaps(spans), 0);
  EXPECT_EQ(spans[0].at("from").as_string(), FormatTime(kTimelineTime));
  EXPECT_EQ(spans[7].at("until").as_string(), FormatTime(kTimelineTime + 56 * kOneDay));
  EXPECT_EQ(spans[8].at("until").as_string(), FormatTime(kTimelineTime + 86 * kOneDay));
  EXPECT_EQ(spans[18].at("until").as_string(), FormatTime(kTimelineTime + 386 * kOneDay));
}

TEST(Timeline, PutsATimeIntoTheSpanThatBeginsWithIt) {
  Timeline timeline(Timeline::Direction::kAhead, kTimelineTime);
  timeline.Add(kTimelineTime + 7 * kOneDay - 1);
  timeline.Add(kTimelineTime + 7 * kOneDay);
  timeline.Add(kTimelineTime + 56 * kOneDay - 1);
  timeline.Add(kTimelineTime + 56 * kOneDay);
  timeline.Add(kTimelineTime + 386 * kOneDay - 1);
  const auto spans = timeline.Json();
  EXPECT_EQ(SumWithoutGaps(spans), 5);
  for (const std::size_t span : {0U, 1U, 7U, 8U, 18U}) EXPECT_EQ(spans[span].at("keys"), 1) << span;
}

TEST(Timeline, LooksBackInTheSameSpansAndEndsNow) {
  Timeline timeline(Timeline::Direction::kBack, kTimelineTime);
  timeline.Add(kTimelineTime - 1);
  timeline.Add(kTimelineTime - 7 * kOneDay);
  timeline.Add(kTimelineTime - 7 * kOneDay - 1);
  const auto spans = timeline.Json();
  ASSERT_EQ(spans.size(), 19U);
  EXPECT_EQ(SumWithoutGaps(spans), 3);
  EXPECT_EQ(spans[18].at("until").as_string(), FormatTime(kTimelineTime));
  EXPECT_EQ(spans[18].at("keys"), 2);
  EXPECT_EQ(spans[17].at("keys"), 1);
}

TEST(Timeline, HasASpanForTheRestOnlyIfThereIsAny) {
  Timeline ahead(Timeline::Direction::kAhead, kTimelineTime), back(Timeline::Direction::kBack, kTimelineTime);
  ahead.Add(kTimelineTime + 386 * kOneDay);
  ahead.Add(kLatestTime);
  back.Add(kEarliestTime);
  ASSERT_EQ(ahead.Json().size(), 20U);
  EXPECT_EQ(SumWithoutGaps(ahead.Json()), 2);
  EXPECT_EQ(ahead.Json()[19].at("keys"), 2);
  ASSERT_EQ(back.Json().size(), 20U);
  EXPECT_EQ(SumWithoutGaps(back.Json()), 1);
  EXPECT_EQ(back.Json()[0].at("keys"), 1);
}

TEST(Timeline, CountsATimeOnTheOtherSideOfNowAsNow) {
  Timeline ahead(Timeline::Direction::kAhead, kTimelineTime), back(Timeline::Direction::kBack, kTimelineTime);
  ahead.Add(kTimelineTime - kOneDay);
  back.Add(kTimelineTime + kOneDay);
  back.Add(kTimelineTime);
  EXPECT_EQ(ahead.Json()[0].at("keys"), 1);
  EXPECT_EQ(back.Json()[18].at("keys"), 2);
}

}  // namespace
}  // namespace claviger::api
