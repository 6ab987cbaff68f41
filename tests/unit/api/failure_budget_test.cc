#include "daemon/api/failure_budget.h"

#include <gtest/gtest.h>

#include <chrono>

namespace claviger::api {
namespace {

using std::chrono::seconds;

constexpr FailureLimits kLimits{60, 5};  // one a second, five at once

SteadyTime At(int second) { return SteadyTime(seconds(1000 + second)); }

TEST(FailureBudget, AllowsAsManyFailuresAtOnceAsTheBurst) {
  FailureBudget budget;
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(budget.Exhausted(At(0), kLimits)) << i;
    budget.Spend(At(0), kLimits);
  }
  EXPECT_TRUE(budget.Exhausted(At(0), kLimits));
}

TEST(FailureBudget, GivesOneBackPerInterval) {
  FailureBudget budget;
  for (int i = 0; i < 5; ++i) budget.Spend(At(0), kLimits);
  EXPECT_TRUE(budget.Exhausted(At(0), kLimits));
  EXPECT_FALSE(budget.Exhausted(At(1), kLimits));
  budget.Spend(At(1), kLimits);
  EXPECT_TRUE(budget.Exhausted(At(1), kLimits));
}

TEST(FailureBudget, RunsUpNoDebtThatOutlivesAnEmptyBucket) {
  FailureBudget budget;
  for (int i = 0; i < 10000; ++i) budget.Spend(At(0), kLimits);
  EXPECT_TRUE(budget.Exhausted(At(0), kLimits));
  EXPECT_FALSE(budget.Exhausted(At(1), kLimits));
  EXPECT_TRUE(budget.Full(At(5)));
}

TEST(FailureBudget, IsFullAgainAfterAQuietTime) {
  FailureBudget budget;
  budget.Spend(At(0), kLimits);
  EXPECT_FALSE(budget.Full(At(0)));
  EXPECT_TRUE(budget.Full(At(1)));
}

TEST(FailureBudgets, GiveTheSameBudgetToTheSameUidAndAnotherToOthers) {
  FailureBudgets budgets;
  const auto first = budgets.Of(1000);
  EXPECT_EQ(budgets.Of(1000), first);
  EXPECT_NE(budgets.Of(1001), first);
}

TEST(FailureBudgets, KeepADebtWhoseConnectionsAreGoneThroughASweep) {
  FailureBudgets budgets;
  const SteadyTime now = SteadyNow();
  constexpr FailureLimits kSlow{1, 1};
  budgets.Of(1)->Spend(now, kSlow);
  for (uid_t uid = 2; uid < 3000; ++uid) (void)budgets.Of(uid);
  EXPECT_TRUE(budgets.Of(1)->Exhausted(now, kSlow));
}

}  // namespace
}  // namespace claviger::api
