#include "daemon/api/busiest.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace claviger::api {
namespace {

using keys::VerdictCode;
using std::chrono::milliseconds;
using std::chrono::seconds;

const SteadyTime kStart{seconds(1000)};

keys::KeyId IdOf(std::uint8_t number) {
  keys::KeyId id;
  id.bytes.back() = number;
  return id;
}

void AddUses(UsageByKey& increments, std::uint8_t number, std::uint32_t uid, std::int64_t uses) {
  increments[IdOf(number)].uses.push_back({1, {uid, ""}, 0, 5, uses});
}

TEST(BusiestTest, NothingIsKnownBeforeTheFirstCollection) {
  const BusyTime busy = Busiest(kStart).Of(kStart);
  EXPECT_EQ(busy.over, SteadyTime::duration(0));
  EXPECT_TRUE(busy.keys.empty());
  EXPECT_TRUE(busy.callers.empty());
}

TEST(BusiestTest, KeysAndCallersComeInTheOrderOfTheirVerifications) {
  Busiest busiest(kStart);
  UsageByKey increments;
  AddUses(increments, 1, 1000, 5);
  AddUses(increments, 2, 1000, 7);
  AddUses(increments, 2, 1001, 30);
  AddUses(increments, 3, 1000, 1);
  increments[IdOf(3)].denials = 40;
  const auto caller = std::make_shared<const store::Caller>(store::Caller{1002, "web.service"});
  busiest.Take(increments, std::vector{Denial{IdOf(3), VerdictCode::kExpired, caller, 40}},
               kStart + milliseconds(2000));
  const BusyTime busy = busiest.Of(kStart + milliseconds(2000));
  EXPECT_EQ(busy.over, milliseconds(2000));
  ASSERT_EQ(busy.keys.size(), 3U);
  EXPECT_EQ(busy.keys[0].id, IdOf(3));
  EXPECT_EQ(busy.keys[0].valid, 1);
  EXPECT_EQ(busy.keys[0].denied, 40);
  EXPECT_EQ(busy.keys[1].id, IdOf(2));
  EXPECT_EQ(busy.keys[1].valid, 37);
  EXPECT_EQ(busy.keys[2].id, IdOf(1));
  ASSERT_EQ(busy.callers.size(), 3U);
  EXPECT_EQ(busy.callers[0].caller, *caller);
  EXPECT_EQ(busy.callers[0].valid, 0);
  EXPECT_EQ(busy.callers[0].denied, 40);
  EXPECT_EQ(busy.callers[1].caller.uid, 1001U);
  EXPECT_EQ(busy.callers[2].caller.uid, 1000U);
  EXPECT_EQ(busy.callers[2].valid, 13);
}

TEST(BusiestTest, NoMoreThanTheBusiestAreKept) {
  Busiest busiest(kStart);
  UsageByKey increments;
  for (int number = 0; number < 200; ++number) {
    // Neither rising nor falling, each count once.
    AddUses(increments, static_cast<std::uint8_t>(number), static_cast<std::uint32_t>(number),
            1 + (number * 77) % 200);
  }
  busiest.Take(increments, {}, kStart + seconds(2));
  const BusyTime busy = busiest.Of(kStart + seconds(2));
  ASSERT_EQ(busy.keys.size(), Busiest::kListed);
  ASSERT_EQ(busy.callers.size(), Busiest::kListed);
  for (std::size_t place = 0; place < Busiest::kListed; ++place) {
    EXPECT_EQ(busy.keys[place].valid, static_cast<std::int64_t>(200 - place));
    EXPECT_EQ(busy.callers[place].valid, static_cast<std::int64_t>(200 - place));
  }
}

TEST(BusiestTest, AKeyThatWasOnlyAskedScopesOfIsNotBusy) {
  Busiest busiest(kStart);
  UsageByKey increments;
  increments[IdOf(1)].asked.push_back({"read:policies:admin", 5});
  busiest.Take(increments, {}, kStart + seconds(2));
  EXPECT_TRUE(busiest.Of(kStart + seconds(2)).keys.empty());
}

TEST(BusiestTest, EachCollectionTakesThePlaceOfTheOneBefore) {
  Busiest busiest(kStart);
  UsageByKey increments;
  AddUses(increments, 1, 1000, 5);
  busiest.Take(increments, {}, kStart + seconds(2));
  busiest.Take({}, {}, kStart + seconds(5));
  const BusyTime busy = busiest.Of(kStart + seconds(5));
  EXPECT_TRUE(busy.keys.empty());
  EXPECT_EQ(busy.over, seconds(3));
}

TEST(BusiestTest, AnOldCollectionIsNotTold) {
  Busiest busiest(kStart);
  UsageByKey increments;
  AddUses(increments, 1, 1000, 5);
  busiest.Take(increments, {}, kStart + seconds(2));
  const SteadyTime last = kStart + seconds(2) + Busiest::kLongest;
  EXPECT_EQ(busiest.Of(last).keys.size(), 1U);
  EXPECT_TRUE(busiest.Of(last + milliseconds(1)).keys.empty());
  EXPECT_EQ(busiest.Of(last + milliseconds(1)).over, SteadyTime::duration(0));
}

}  // namespace
}  // namespace claviger::api
