#include "base/clock.h"

#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <thread>
#include <vector>

namespace claviger {
namespace {

constexpr UnixSeconds kStart = 1766534400;  // 2025-12-24T00:00:00Z
constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kHour = 3600;

class ScriptedTime final : public TimeSource {
 public:
  UnixSeconds Wall() const override { return wall_.load(); }
  std::int64_t Boottime() const override { return boottime_.load(); }
  // Time goes by, for both clocks.
  void Pass(std::int64_t seconds) {
    boottime_ += seconds;
    wall_ += seconds;
  }
  // Someone sets the wall clock.
  void Step(std::int64_t seconds) { wall_ += seconds; }

 private:
  std::atomic<std::int64_t> wall_{kStart};
  std::atomic<std::int64_t> boottime_{1000};
};

TEST(GuardedClock, FollowsTheWallClock) {
  ScriptedTime time;
  GuardedClock clock(time);
  EXPECT_EQ(clock.Now(), kStart);
  time.Pass(10);
  EXPECT_EQ(clock.Now(), kStart + 10);
  EXPECT_EQ(clock.HighWater(), kStart + 10);
  time.Pass(400 * kDay);  // a long sleep is no jump
  EXPECT_EQ(clock.Now(), kStart + 10 + 400 * kDay);
  EXPECT_FALSE(clock.suspect());
}

TEST(GuardedClock, StandsStillWhileTheWallClockIsSlightlyBehind) {
  ScriptedTime time;
  GuardedClock clock(time);
  time.Step(-kHour);
  EXPECT_EQ(clock.Now(), kStart);
  time.Pass(kHour - 1);
  EXPECT_EQ(clock.Now(), kStart);
  time.Pass(2);
  EXPECT_EQ(clock.Now(), kStart + 1);
  EXPECT_FALSE(clock.suspect());
}

TEST(GuardedClock, FollowsAStepAheadOfUpToADay) {
  ScriptedTime time;
  GuardedClock clock(time);
  time.Step(kDay);
  EXPECT_EQ(clock.Now(), kStart + kDay);
  time.Step(kDay);  // each step is judged for itself
  EXPECT_EQ(clock.Now(), kStart + 2 * kDay);
  EXPECT_FALSE(clock.suspect());
}

TEST(GuardedClock, IsSuspectAfterALargerStepAheadAndGoesOnAtBoottimesPace) {
  ScriptedTime time;
  GuardedClock clock(time);
  time.Pass(5);
  EXPECT_EQ(clock.Now(), kStart + 5);
  time.Step(kDay + 1);
  EXPECT_EQ(clock.Now(), kStart + 5);
  EXPECT_TRUE(clock.suspect());
  time.Pass(100);
  EXPECT_EQ(clock.Now(), kStart + 105);
  EXPECT_EQ(clock.HighWater(), kStart + 105) << "the jump is not recorded, the time that passed is";
}

TEST(GuardedClock, IsSuspectAfterALargerStepBackAndGoesOnAtBoottimesPace) {
  ScriptedTime time;
  GuardedClock clock(time);
  time.Step(-kDay - 1);
  time.Pass(60);
  EXPECT_EQ(clock.Now(), kStart + 60);
  EXPECT_TRUE(clock.suspect());
}

TEST(GuardedClock, StaysSuspectWhenTheWallClockIsSetRightAgain) {
  ScriptedTime time;
  GuardedClock clock(time);
  time.Step(2 * kDay);
  clock.Now();
  time.Step(-2 * kDay);
  time.Pass(1);
  EXPECT_EQ(clock.Now(), kStart + 1);
  EXPECT_TRUE(clock.suspect());
}

TEST(GuardedClock, CannotBeHeldStillForMoreThanADayByManySmallStepsBack) {
  ScriptedTime time;
  GuardedClock clock(time);
  for (int hour = 0; hour < 100; ++hour) {
    time.Pass(kHour);
    time.Step(-kHour);
    clock.Now();
  }
  EXPECT_TRUE(clock.suspect());
  EXPECT_EQ(clock.Now(), kStart + 100 * kHour);
}

TEST(GuardedClock, TrustAcceptsTheWallClockAhead) {
  ScriptedTime time;
  GuardedClock clock(time);
  time.Step(30 * kDay);
  clock.Now();
  clock.Trust();
  EXPECT_FALSE(clock.suspect());
  EXPECT_EQ(clock.Now(), kStart + 30 * kDay);
  EXPECT_EQ(clock.HighWater(), kStart + 30 * kDay);
  time.Pass(7);
  EXPECT_EQ(clock.Now(), kStart + 30 * kDay + 7);
}

TEST(GuardedClock, TrustInAnEarlierWallClockDoesNotLetTimeGoBack) {
  ScriptedTime time;
  GuardedClock clock(time);
  time.Step(-10 * kDay);
  time.Pass(50);
  EXPECT_EQ(clock.Now(), kStart + 50);
  clock.Trust();
  EXPECT_FALSE(clock.suspect());
  EXPECT_EQ(clock.Now(), kStart + 50);
  time.Pass(kDay);
  EXPECT_EQ(clock.Now(), kStart + 50) << "the wall clock is still nine days behind";
  EXPECT_FALSE(clock.suspect());
  time.Pass(9 * kDay);
  EXPECT_EQ(clock.Now(), kStart + 50);
  time.Pass(1);
  EXPECT_EQ(clock.Now(), kStart + 51);
}

TEST(GuardedClock, RestoreRaisesTheTime) {
  ScriptedTime time;
  GuardedClock clock(time);
  clock.Restore(kStart + kHour);
  EXPECT_EQ(clock.Now(), kStart + kHour);
  EXPECT_EQ(clock.HighWater(), kStart + kHour);
  EXPECT_FALSE(clock.suspect());
  time.Pass(kHour + 1);
  EXPECT_EQ(clock.Now(), kStart + kHour + 1);
}

TEST(GuardedClock, RestoreOfAnEarlierTimeChangesNothing) {
  ScriptedTime time;
  GuardedClock clock(time);
  clock.Restore(kStart - 300 * kDay);
  EXPECT_EQ(clock.Now(), kStart);
  EXPECT_FALSE(clock.suspect());
}

TEST(GuardedClock, IsSuspectWhenTheWallClockIsFarBehindTheRecordedTime) {
  ScriptedTime time;
  GuardedClock clock(time);
  clock.Restore(kStart + 3 * kDay);
  time.Pass(20);
  EXPECT_EQ(clock.Now(), kStart + 3 * kDay + 20);
  EXPECT_TRUE(clock.suspect());
}

TEST(GuardedClock, KeepsWithinTheYearsThatRecordsMayName) {
  ScriptedTime time;
  time.Step(-kStart);  // 1970
  GuardedClock early(time);
  EXPECT_EQ(early.Now(), kEarliestTime);
  time.Step(kLatestTime + kDay);
  GuardedClock late(time);
  EXPECT_EQ(late.Now(), kLatestTime);
  late.Restore(std::numeric_limits<UnixSeconds>::max());
  EXPECT_EQ(late.Now(), kLatestTime);
}

TEST(GuardedClock, NeverGoesBackForAnyThreadWhateverTheWallClockDoes) {
  ScriptedTime time;
  GuardedClock clock(time);
  std::atomic<bool> stop{false};
  std::atomic<int> reading{0};
  std::atomic<int> set_back{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      UnixSeconds last = clock.Now();
      ++reading;
      while (!stop.load()) {
        const UnixSeconds now = clock.Now();
        if (now < last) ++set_back;
        last = now;
      }
    });
  }
  while (reading.load() < 3) std::this_thread::yield();
  for (int i = 0; i < 100000; ++i) {
    time.Pass(i % 5);
    if (i % 7 == 0) time.Step(-kHour);
    if (i % 50 == 0) time.Step(i % 100 == 0 ? 2 * kDay : -2 * kDay);
    if (i % 90 == 0) clock.Trust();
    if (i % 200 == 0) clock.Restore(kStart + i);
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(set_back.load(), 0);
}

TEST(SystemTime, IsTheKernels) {
  EXPECT_GT(SystemTime().Wall(), kEarliestTime);
  EXPECT_GE(SystemTime().Boottime(), 0);
  GuardedClock clock(SystemTime());
  EXPECT_GE(clock.Now(), SystemTime().Wall() - 1);
  EXPECT_FALSE(clock.suspect());
}

}  // namespace
}  // namespace claviger
