// Going over all keys in parts, and pages of what is found.
#include "daemon/api/paging.h"

#include <gtest/gtest.h>

#include <vector>

#include "daemon/api/ref_walk.h"

namespace claviger::api {
namespace {

using store::RefRange;

std::vector<std::int64_t> Places(RefWalk walk, std::int64_t step) {
  std::vector<std::int64_t> places;
  while (!walk.done()) {
    const RefRange part = walk.Next();
    EXPECT_LE(part.last - part.first + 1, step);
    for (std::int64_t place = part.first; place <= part.last; ++place) places.push_back(place);
  }
  return places;
}

TEST(RefWalk, CoversEveryPlaceOnce) {
  for (const std::int64_t step : {1, 2, 3, 7, 100}) {
    EXPECT_EQ(Places(RefWalk({3, 9}, step), step), (std::vector<std::int64_t>{3, 4, 5, 6, 7, 8, 9}));
  }
}

TEST(RefWalk, BeginsAtTheLastPartIfReversed) {
  RefWalk walk({1, 5}, 2, true);
  const RefRange first = walk.Next();
  EXPECT_EQ(first.first, 4);
  EXPECT_EQ(first.last, 5);
  EXPECT_EQ(Places(walk, 2), (std::vector<std::int64_t>{2, 3, 1}));
}

TEST(RefWalk, OfNothingIsDoneAtOnce) {
  EXPECT_TRUE(RefWalk().done());
  EXPECT_TRUE(RefWalk({5, 4}, 10).done());
  EXPECT_TRUE(RefWalk({1, 0}, 10, true).done());
}

TEST(Page, Has1To500Entries) {
  EXPECT_EQ(PageSize(std::nullopt), 100);
  EXPECT_EQ(PageSize(1), 1);
  EXPECT_EQ(PageSize(500), 500);
  for (const std::int64_t size :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{501}, INT64_MAX, INT64_MIN}) {
    EXPECT_EQ(PageSize(size), std::nullopt) << size;
  }
}

TEST(Page, GoesOnFromAPlaceThatHasOneBehindIt) {
  EXPECT_TRUE(IsPlace(1));
  EXPECT_TRUE(IsPlace(INT64_MAX - 1));
  for (const std::int64_t place : {std::int64_t{0}, std::int64_t{-1}, INT64_MIN, INT64_MAX}) {
    EXPECT_FALSE(IsPlace(place)) << place;
  }
}

}  // namespace
}  // namespace claviger::api
