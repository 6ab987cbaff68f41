#include "daemon/keys/verdict.h"

#include <gtest/gtest.h>

namespace claviger::keys {
namespace {

TEST(VerdictCode, HasTheNamesOfTheProtocolInTheOrderOfTheChecks) {
  EXPECT_EQ(VerdictCodeName(VerdictCode::kValid), "valid");
  EXPECT_EQ(VerdictCodeName(VerdictCode::kMalformed), "malformed");
  EXPECT_EQ(VerdictCodeName(VerdictCode::kUnknown), "unknown");
  EXPECT_EQ(VerdictCodeName(VerdictCode::kRevoked), "revoked");
  EXPECT_EQ(VerdictCodeName(VerdictCode::kPaused), "paused");
  EXPECT_EQ(VerdictCodeName(VerdictCode::kPending), "pending");
  EXPECT_EQ(VerdictCodeName(VerdictCode::kExpired), "expired");
  EXPECT_EQ(VerdictCodeName(VerdictCode::kCallerDenied), "caller_denied");
  EXPECT_EQ(VerdictCodeName(VerdictCode::kNetworkDenied), "network_denied");
  EXPECT_EQ(VerdictCodeName(VerdictCode::kInsufficientScope), "insufficient_scope");
  EXPECT_EQ(VerdictCodeName(VerdictCode::kRateLimited), "rate_limited");
  EXPECT_EQ(VerdictCodeName(VerdictCode::kExhausted), "exhausted");
  EXPECT_EQ(VerdictCodeName(VerdictCode::kUnavailable), "unavailable");
}

}  // namespace
}  // namespace claviger::keys
