#include "daemon/server/load_share.h"

#include <gtest/gtest.h>

namespace claviger::server {
namespace {

class LoadShareTest : public ::testing::Test {
 protected:
  // A window later.
  std::size_t Observe(double busy, double frames_per_second, std::size_t connections = 10) {
    now_ += std::chrono::milliseconds(100);
    return share_.Observe({busy, frames_per_second, connections}, now_);
  }
  void Pass(std::chrono::seconds time) { now_ += time; }

  LoadShare share_{1, 3};
  SteadyTime now_ = SteadyTime() + std::chrono::hours(1);
};

TEST_F(LoadShareTest, StaysWithOneLoopThatHasTimeLeft) {
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Observe(0.8, 1e6), 1U);
}

TEST_F(LoadShareTest, KeepsALoopMoreIfMoreIsAnsweredWithIt) {
  EXPECT_EQ(Observe(0.95, 1000), 2U);
  EXPECT_EQ(Observe(0.9, 500), 2U) << "connections were moving: this window says nothing";
  EXPECT_EQ(Observe(0.7, 1500), 2U);
  EXPECT_EQ(Observe(0.7, 1500), 2U);
  EXPECT_EQ(Observe(0.95, 1900), 3U);
  Observe(0.9, 1900);
  EXPECT_EQ(Observe(0.9, 2500), 3U);
  EXPECT_EQ(Observe(0.99, 2500), 3U) << "there are no more";
}

TEST_F(LoadShareTest, TakesALoopBackThatWasNotWorthIt) {
  EXPECT_EQ(Observe(0.95, 1000), 2U);
  Observe(0.9, 1000);
  EXPECT_EQ(Observe(0.7, 1040), 1U);
}

TEST_F(LoadShareTest, TriesAgainAfterAPauseThatGrowsWithEachFailure) {
  auto pause = LoadShare::kFirstPause;
  for (int round = 0; round < 8; ++round) {
    ASSERT_EQ(Observe(0.95, 1000), 2U) << round;
    Observe(0.9, 1000);
    ASSERT_EQ(Observe(0.9, 1000), 1U);
    Pass(pause - std::chrono::seconds(1));
    EXPECT_EQ(Observe(0.95, 1000), 1U) << round;
    Pass(std::chrono::seconds(1));
    pause = std::min(2 * pause, LoadShare::kLongestPause);
  }
}

TEST_F(LoadShareTest, TriesNoLoopThatWouldHaveNoConnection) {
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Observe(0.99, 1000, 1), 1U);
  EXPECT_EQ(Observe(0.99, 1000, 2), 2U);
  Observe(0.9, 1000, 2);
  EXPECT_EQ(Observe(0.9, 2000, 2), 2U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Observe(0.99, 2000, 2), 2U);
}

TEST_F(LoadShareTest, TriesAgainAtOnceWithManyMoreOrFewerConnections) {
  for (const std::size_t connections : {10U, 21U, 10U}) {
    EXPECT_EQ(Observe(0.95, 1000, connections), 2U) << connections;
    Observe(0.9, 1000, connections);
    EXPECT_EQ(Observe(0.9, 1000, connections), 1U);
    for (const std::size_t similar : {connections, connections - 1, connections + 1}) {
      EXPECT_EQ(Observe(0.95, 1000, similar), 1U) << similar << " as before " << connections;
    }
  }
}

TEST_F(LoadShareTest, ExpectsLessOfEachLoopMore) {
  LoadShare share(4, 8);
  EXPECT_EQ(share.Observe({0.95, 4000, 10}, now_), 5U);
  share.Observe({0.9, 4000, 10}, now_);
  EXPECT_EQ(share.Observe({0.9, 4140, 10}, now_), 4U);
  now_ += LoadShare::kFirstPause;
  EXPECT_EQ(share.Observe({0.95, 4000, 10}, now_), 5U);
  share.Observe({0.9, 4000, 10}, now_);
  EXPECT_EQ(share.Observe({0.9, 4160, 10}, now_), 5U);
}

TEST_F(LoadShareTest, GivesALoopUpThatIsNotMissed) {
  LoadShare share(2, 2);
  EXPECT_EQ(share.Observe({0.6, 1000, 10}, now_), 1U);
  share.Observe({0.9, 500, 10}, now_);
  EXPECT_EQ(share.Observe({0.95, 960, 10}, now_), 1U);
  EXPECT_EQ(share.Observe({0.95, 960, 10}, now_), 1U) << "it was enough just now";
  now_ += LoadShare::kFirstPause;
  EXPECT_EQ(share.Observe({0.95, 960, 10}, now_), 2U);
}

TEST_F(LoadShareTest, KeepsALoopThatIsMissed) {
  LoadShare share(2, 2);
  EXPECT_EQ(share.Observe({0.6, 1000, 10}, now_), 1U);
  share.Observe({0.9, 1000, 10}, now_);
  EXPECT_EQ(share.Observe({0.95, 940, 10}, now_), 2U);
  EXPECT_EQ(share.Observe({0.6, 1000, 10}, now_), 2U) << "it was missed just now";
  now_ += LoadShare::kFirstPause;
  EXPECT_EQ(share.Observe({0.6, 1000, 10}, now_), 1U);
}

TEST_F(LoadShareTest, DoesNotTakeALoopAwayThatWasJustWorthIt) {
  EXPECT_EQ(Observe(0.95, 1000), 2U);
  Observe(0.9, 1000);
  EXPECT_EQ(Observe(0.7, 1300), 2U);
  EXPECT_EQ(Observe(0.7, 1300), 2U);
  Pass(LoadShare::kFirstPause);
  EXPECT_EQ(Observe(0.7, 1300), 1U) << "later it may not be any more";
}

TEST_F(LoadShareTest, GivesLoopsUpOneByOneWhenTheyAreIdle) {
  LoadShare share(3, 3);
  EXPECT_EQ(share.Observe({0.2, 10, 9}, now_), 2U);
  EXPECT_EQ(share.Observe({0.2, 10, 9}, now_), 1U);
  EXPECT_EQ(share.Observe({0.0, 0, 9}, now_), 1U);
}

}  // namespace
}  // namespace claviger::server
