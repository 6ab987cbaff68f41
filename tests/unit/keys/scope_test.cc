#include "daemon/keys/scope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace claviger::keys {
namespace {

TEST(Scope, IsTakenApart) {
  const auto two = ParseScope("write:api-keys");
  ASSERT_TRUE(two);
  EXPECT_EQ(two->action, ScopeAction::kWrite);
  EXPECT_EQ(two->resource, "api-keys");
  EXPECT_EQ(two->domain, "");
  const auto three = ParseScope("delete:policies-2:admin");
  ASSERT_TRUE(three);
  EXPECT_EQ(three->action, ScopeAction::kDelete);
  EXPECT_EQ(three->resource, "policies-2");
  EXPECT_EQ(three->domain, "admin");
}

TEST(Scope, MayHave128Bytes) {
  EXPECT_TRUE(ParseScope("read:" + std::string(123, 'a')));
  EXPECT_FALSE(ParseScope("read:" + std::string(124, 'a')));
}

TEST(Scope, RefusesEverythingElseAndSaysWhatItWants) {
  for (const char* text : {"",
                           ":",
                           "::",
                           "read",
                           "read:",
                           ":policies",
                           "read::admin",
                           "read:policies:",
                           "read:policies:admin:",
                           "read:policies:admin:x",
                           "Read:policies",
                           "READ:policies",
                           "execute:policies",
                           "*:policies",
                           "read:*",
                           "read:*:billing",
                           "read:Policies",
                           "read:pol_icies",
                           "read:pol icies",
                           " read:policies",
                           "read:policies ",
                           "read:policies\n",
                           "read:pölicies",
                           "read:policies:ad/min",
                           "read:\xFF"}) {
    const auto parsed = ParseScope(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(parsed.error().message(), ::testing::HasSubstr("action:resource"));
  }
}

TEST(Scope, JudgesEveryByteOfASegment) {
  for (int byte = 0; byte < 256; ++byte) {
    const bool allowed = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-';
    const std::string text = std::string("read:a") + static_cast<char>(byte) + "b:c";
    EXPECT_EQ(ParseScope(text).has_value(), allowed) << byte;
  }
}

TEST(Scope, ShowsWhatWasWrongWithoutControlCharacters) {
  EXPECT_THAT(ParseScope("read:\x1B[31m").error().message(), ::testing::HasSubstr("\\u{1B}"));
}

TEST(ScopeAction, HasANameBothWays) {
  for (const ScopeAction action : {ScopeAction::kRead, ScopeAction::kWrite, ScopeAction::kDelete}) {
    EXPECT_EQ(ParseScopeAction(ScopeActionName(action)), action);
  }
  EXPECT_EQ(ScopeActionName(ScopeAction::kDelete), "delete");
  EXPECT_FALSE(ParseScopeAction("Read"));
  EXPECT_FALSE(ParseScopeAction(""));
}

}  // namespace
}  // namespace claviger::keys
