#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/keys/policy.h"

namespace claviger::keys {
namespace {

using ::testing::HasSubstr;

bool Matches(const char* pattern, const std::string& name) {
  const auto parsed = NamePattern::Parse(pattern);
  return parsed && parsed->Matches(name);
}

TEST(NamePattern, MustMatchTheWholeName) {
  EXPECT_TRUE(Matches("[a-z]+-(prod|test)", "deploy-prod"));
  EXPECT_FALSE(Matches("[a-z]+-(prod|test)", "deploy-production"));
  EXPECT_FALSE(Matches("[a-z]+-(prod|test)", "my deploy-prod"));
  EXPECT_FALSE(Matches("[a-z]+", ""));
}

TEST(NamePattern, AnAlternativeIsNoWayAroundThat) {
  EXPECT_TRUE(Matches("a|ab", "ab"));
  EXPECT_TRUE(Matches("ab|a", "a"));
  EXPECT_FALSE(Matches("a|b", "ab"));
  EXPECT_FALSE(Matches("a)|(b", "xa"));
  EXPECT_TRUE(Matches("^a$", "a"));
  EXPECT_FALSE(Matches("^a", "ab"));
  EXPECT_FALSE(Matches("b$", "ab"));
}

TEST(NamePattern, WithoutOneEveryNameWillDo) {
  EXPECT_TRUE(NamePattern().Matches("anything at all"));
  EXPECT_EQ(NamePattern().text(), "");
}

TEST(NamePattern, CanBeCopiedAndCompared) {
  const NamePattern pattern = *NamePattern::Parse("a+");
  const NamePattern copy = pattern;
  EXPECT_TRUE(copy.Matches("aaa"));
  EXPECT_EQ(copy, pattern);
  EXPECT_EQ(pattern, *NamePattern::Parse("a+"));
  EXPECT_FALSE(pattern == NamePattern());
}

TEST(NamePattern, RefusesWhatIsNoExpressionAndSaysWhy) {
  for (const char* text : {"[a", "(a", "a{2,1}", "*a", "a\\"}) {
    const auto parsed = NamePattern::Parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(parsed.error().message(), HasSubstr("is not a POSIX extended regular expression: "));
  }
  EXPECT_FALSE(NamePattern::Parse(""));
  EXPECT_FALSE(NamePattern::Parse(std::string_view("a\0b", 3)));
  EXPECT_FALSE(NamePattern::Parse("a\n"));
}

TEST(NamePattern, MayHave256Bytes) {
  EXPECT_TRUE(NamePattern::Parse(std::string(NamePattern::kMaxBytes, 'a')));
  const auto longer = NamePattern::Parse(std::string(NamePattern::kMaxBytes + 1, 'a'));
  ASSERT_FALSE(longer);
  EXPECT_THAT(longer.error().message(), HasSubstr("at most 256"));
}

}  // namespace
}  // namespace claviger::keys
