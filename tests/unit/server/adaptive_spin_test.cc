#include "daemon/server/adaptive_spin.h"

#include <gtest/gtest.h>

namespace claviger::server {
namespace {

// How many of the next `waits` are tried, where each try ends in the same way.
unsigned Tries(AdaptiveSpin& spin, unsigned waits, bool helped) {
  unsigned tries = 0;
  for (unsigned i = 0; i < waits; ++i) {
    if (!spin.Due()) continue;
    spin.Note(helped);
    ++tries;
  }
  return tries;
}

TEST(AdaptiveSpinTest, IsTriedEachTimeWhereItHelps) {
  AdaptiveSpin spin;
  EXPECT_EQ(Tries(spin, 1000, true), 1000U);
}

TEST(AdaptiveSpinTest, IsHardlyEverTriedWhereItDoesNotHelp) {
  AdaptiveSpin spin;
  EXPECT_LE(Tries(spin, 2 * AdaptiveSpin::kMostLeftOut, false), 8U) << "each pause is twice the one before";
  EXPECT_LE(Tries(spin, 100 * AdaptiveSpin::kMostLeftOut, false), 100U);
  EXPECT_GE(Tries(spin, 100 * AdaptiveSpin::kMostLeftOut, false), 99U) << "it may help later";
}

TEST(AdaptiveSpinTest, IsTriedAgainEachTimeOnceItHelps) {
  AdaptiveSpin spin;
  Tries(spin, 100 * AdaptiveSpin::kMostLeftOut, false);
  EXPECT_GE(Tries(spin, 2 * AdaptiveSpin::kMostLeftOut, true), AdaptiveSpin::kMostLeftOut);
}

TEST(AdaptiveSpinTest, OneTryInVainAmongManyThatHelpIsForgotten) {
  AdaptiveSpin spin;
  for (int round = 0; round < 10; ++round) {
    EXPECT_EQ(Tries(spin, 50, true), 50U);
    EXPECT_EQ(Tries(spin, 1, false), 1U);
    EXPECT_EQ(Tries(spin, AdaptiveSpin::kLeastLeftOut, true), 0U) << round;
  }
}

TEST(AdaptiveSpinTest, IsHardlyEverTriedWhereEverySecondTryIsInVain) {
  AdaptiveSpin spin;
  unsigned tries = 0;
  for (int wait = 0; wait < 100000; ++wait) {
    if (spin.Due()) spin.Note(++tries % 2 == 0);
  }
  EXPECT_LE(tries, 250U);
}

}  // namespace
}  // namespace claviger::server
