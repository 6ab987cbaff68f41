#include "cli/exit_status.h"

#include <gtest/gtest.h>

#include <set>

namespace claviger::cli {
namespace {

TEST(ExitStatus, IsNamedOnceForEachMeaning) {
  std::set<int> statuses;
  for (const ExitStatus& row : ExitStatuses()) EXPECT_TRUE(statuses.insert(row.status).second) << row.status;
  EXPECT_EQ(statuses, (std::set<int>{0, 1, 2, 3, 4, 69, 75, 78}));
}

TEST(ExitStatus, TellsTokenStatesApart) {
  std::set<int> statuses;
  for (const TokenStateStatus& row : TokenStateStatuses()) {
    EXPECT_EQ(StatusOfTokenState(row.state), row.status);
    statuses.insert(row.status);
  }
  EXPECT_EQ(statuses, (std::set<int>{0, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29}));
  EXPECT_EQ(StatusOfTokenState("starting"), StatusOfTokenState("failed"));
  EXPECT_EQ(StatusOfTokenState("a state of the future"), 29);
}

TEST(ExitStatus, TellsNotValidFromNotKnown) {
  EXPECT_EQ(StatusOfVerdict("valid"), 0);
  for (const char* code : {"malformed", "unknown", "revoked", "paused", "pending", "expired", "caller_denied",
                           "network_denied", "insufficient_scope", "exhausted", "a code of the future", ""}) {
    EXPECT_EQ(StatusOfVerdict(code), 3) << code;
  }
  EXPECT_EQ(StatusOfVerdict("rate_limited"), 75);
  EXPECT_EQ(StatusOfVerdict("unavailable"), 75);
}

}  // namespace
}  // namespace claviger::cli
