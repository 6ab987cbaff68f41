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
  EXPECT_LE(Tries(spin, 2 * AdaptiveSpin::kMostLeftOut, false), 12U) << "each pause is twice the one before";
  EXPECT_LE(Tries(spin, 100 * AdaptiveSpin::kMostLeftOut, false), 100U);
  EXPECT_GE(Tries(spin, 100 * AdaptiveSpin::kMostLeftOut, false), 99U) << "it may help later";
}

TEST(AdaptiveSpinTest, IsTriedAgainEachTimeSoonAfterItHelps) {
  AdaptiveSpin spin;
  Tries(spin, 100 * AdaptiveSpin::kMostLeftOut, false);
  Tries(spin, 2 * AdaptiveSpin::kMostLeftOut, true);
  EXPECT_EQ(Tries(spin, 1000, true), 1000U);
}

TEST(AdaptiveSpinTest, OneTryInVainCostsLittleOfWhatHelps) {
  AdaptiveSpin spin;
  unsigned tries = 0;
  for (unsigned wait = 0; wait < 1000; ++wait) {
    if (!spin.Due()) continue;
    spin.Note(wait % 10 != 9);
    ++tries;
  }
  EXPECT_GE(tries, 890U);
}

}  // namespace
}  // namespace claviger::server
