#include "daemon/api/change_parameters.h"

#include <gtest/gtest.h>

#include <limits>

namespace claviger::api {
namespace {

constexpr UnixSeconds kChangeTime = 1790000000;

TEST(ChangeParameters, AnExpiryIsATimeOrALifetimeOrNothing) {
  EXPECT_EQ(*ReadExpiry("2026-12-24T00:00:00Z", std::nullopt, kChangeTime), 1798070400);
  EXPECT_EQ(*ReadExpiry(std::nullopt, 60, kChangeTime), kChangeTime + 60);
  EXPECT_EQ(*ReadExpiry(std::nullopt, std::nullopt, kChangeTime), std::nullopt);
}

TEST(ChangeParameters, AnExpiryIsRefusedWithTheFieldAtFault) {
  EXPECT_TRUE(
      ReadExpiry("2026-12-24T00:00:00Z", 60, kChangeTime).error().message().starts_with("expires_at: "));
  EXPECT_TRUE(ReadExpiry("soon", std::nullopt, kChangeTime).error().message().starts_with("expires_at: "));
  for (const std::int64_t lifetime :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{101} * 366 * 86400,
        std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    EXPECT_TRUE(ReadExpiry(std::nullopt, lifetime, kChangeTime).error().message().starts_with("lifetime: "));
  }
}

TEST(ChangeParameters, ARequestIdHasAtMost64BytesOfText) {
  EXPECT_TRUE(CheckRequestId(""));
  EXPECT_TRUE(CheckRequestId(std::string(64, 'x')));
  for (const std::string& wrong : {std::string(65, 'x'), std::string("a\nb"), std::string(" a")}) {
    const Status checked = CheckRequestId(wrong);
    ASSERT_FALSE(checked) << wrong;
    EXPECT_TRUE(checked.error().message().starts_with("request_id: "));
  }
}

}  // namespace
}  // namespace claviger::api
