#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/keys/policy.h"
#include "tests/unit/keys/sample_records.h"

namespace claviger::keys {
namespace {

PolicyRule RuleFor(const std::vector<std::string>& scopes, std::vector<std::string> owners) {
  PolicyRule rule;
  for (const std::string& text : scopes) rule.scopes.push_back(*ScopePattern::Parse(text));
  rule.owners = std::move(owners);
  rule.maximum_lifetime = kDay;
  return rule;
}

std::int64_t MaximumFor(const PolicyRule& rule, const std::vector<std::string>& scopes,
                        std::string_view owner) {
  Policy policy;
  policy.rules = {rule};
  return LimitsFor(policy, scopes, owner).maximum_lifetime;
}

TEST(Limits, AreThePolicysWhereNoRuleApplies) {
  Policy policy;
  policy.unscoped = UnscopedRule::kAllowWithReason;
  const LifetimeLimits limits = LimitsFor(policy, {"read:a"}, "alice");
  EXPECT_EQ(limits.default_lifetime, 7 * kDay);
  EXPECT_EQ(limits.maximum_lifetime, 365 * kDay);
  EXPECT_EQ(limits.unscoped, UnscopedRule::kAllowWithReason);
}

TEST(Limits, ARuleAppliesToKeysThatHoldAScopeOfItsPatterns) {
  const PolicyRule rule = RuleFor({"delete:*", "read:secrets:*"}, {});
  EXPECT_EQ(MaximumFor(rule, {"read:a", "delete:a"}, "alice"), kDay);
  EXPECT_EQ(MaximumFor(rule, {"read:secrets:x"}, "alice"), kDay);
  EXPECT_EQ(MaximumFor(rule, {"read:*"}, "alice"), kDay) << "a pattern may give what the rule names";
  EXPECT_EQ(MaximumFor(rule, {}, "alice"), kDay) << "full access gives all";
  EXPECT_EQ(MaximumFor(rule, {"unreadable"}, "alice"), kDay) << "what cannot be read may give anything";
  EXPECT_EQ(MaximumFor(rule, {"read:a", "write:a:x"}, "alice"), 365 * kDay);
  EXPECT_EQ(MaximumFor(rule, {"read:secrets"}, "alice"), 365 * kDay);
}

TEST(Limits, ARuleAppliesToItsOwnersOnly) {
  EXPECT_EQ(MaximumFor(RuleFor({}, {"alice", "bob"}), {"read:a"}, "bob"), kDay);
  EXPECT_EQ(MaximumFor(RuleFor({}, {"alice", "bob"}), {"read:a"}, "carol"), 365 * kDay);
  EXPECT_EQ(MaximumFor(RuleFor({"delete:*"}, {"alice"}), {"delete:a"}, "alice"), kDay);
  EXPECT_EQ(MaximumFor(RuleFor({"delete:*"}, {"alice"}), {"delete:a"}, "carol"), 365 * kDay);
  EXPECT_EQ(MaximumFor(RuleFor({"delete:*"}, {"alice"}), {"read:a"}, "alice"), 365 * kDay);
  EXPECT_EQ(MaximumFor(RuleFor({}, {}), {"read:a"}, "carol"), kDay);
}

TEST(Limits, OfSeveralRulesTheStrictestHoldsInEachRespect) {
  Policy policy;
  PolicyRule longer = RuleFor({}, {}), shorter = RuleFor({}, {}), generous = RuleFor({}, {});
  longer.maximum_lifetime = 30 * kDay;
  longer.default_lifetime = 2 * kDay;
  shorter.maximum_lifetime = 20 * kDay;
  shorter.default_lifetime = 3 * kDay;
  shorter.unscoped = UnscopedRule::kForbid;
  generous.maximum_lifetime = 1000 * kDay;
  generous.default_lifetime = 1000 * kDay;
  generous.unscoped = UnscopedRule::kAllowWithReason;
  policy.unscoped = UnscopedRule::kAllowWithReason;
  policy.rules = {longer, shorter, generous};
  const LifetimeLimits limits = LimitsFor(policy, {"read:a"}, "alice");
  EXPECT_EQ(limits.default_lifetime, 2 * kDay);
  EXPECT_EQ(limits.maximum_lifetime, 20 * kDay);
  EXPECT_EQ(limits.unscoped, UnscopedRule::kForbid);
}

TEST(Limits, NoRuleAllowsWhatTheRestForbids) {
  Policy policy;
  PolicyRule generous = RuleFor({}, {});
  generous.maximum_lifetime = 1000 * kDay;
  generous.unscoped = UnscopedRule::kAllowWithReason;
  policy.rules = {generous};
  EXPECT_EQ(LimitsFor(policy, {}, "alice").maximum_lifetime, 365 * kDay);
  EXPECT_EQ(LimitsFor(policy, {}, "alice").unscoped, UnscopedRule::kForbid);
}

TEST(Limits, TheDefaultIsNeverLongerThanTheMaximum) {
  Policy policy;
  policy.rules = {RuleFor({}, {})};
  EXPECT_EQ(LimitsFor(policy, {"read:a"}, "alice").default_lifetime, kDay);
  policy = Policy();
  policy.maximum_lifetime = 60;
  EXPECT_EQ(LimitsFor(policy, {"read:a"}, "alice").default_lifetime, 60);
}

TEST(Lifetime, IsShortenedInPlaceOfARefusalWhereThePolicyClamps) {
  const LifetimeLimits limits{kDay, 2 * kDay, UnscopedRule::kForbid};
  const auto refused = ApplyLifetime(limits, ExcessRule::kRefuse, kTestNow, kTestNow + 3 * kDay, kTestNow);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kLimitExceeded);
  const auto clamped = ApplyLifetime(limits, ExcessRule::kClamp, kTestNow, kTestNow + 3 * kDay, kTestNow);
  ASSERT_TRUE(clamped);
  EXPECT_EQ(clamped->expires, kTestNow + 2 * kDay);
  EXPECT_TRUE(clamped->clamped);
  const auto within = ApplyLifetime(limits, ExcessRule::kClamp, kTestNow, kTestNow + 2 * kDay, kTestNow);
  ASSERT_TRUE(within);
  EXPECT_FALSE(within->clamped);
  const auto by_default = ApplyLifetime(limits, ExcessRule::kClamp, kTestNow, std::nullopt, kTestNow);
  ASSERT_TRUE(by_default);
  EXPECT_EQ(by_default->expires, kTestNow + kDay);
  EXPECT_FALSE(by_default->clamped);
}

TEST(Lifetime, ThatIsImpossibleIsRefusedAlsoWhereThePolicyClamps) {
  const LifetimeLimits limits{kDay, 2 * kDay, UnscopedRule::kForbid};
  for (const UnixSeconds time : {UnixSeconds{0}, kTestNow, kTestNow - 1, kLatestTime + 1}) {
    const auto refused = ApplyLifetime(limits, ExcessRule::kClamp, kTestNow, time, kTestNow);
    ASSERT_FALSE(refused) << time;
    EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
  }
  EXPECT_FALSE(ApplyLifetime(limits, ExcessRule::kClamp, kTestNow + kDay, kTestNow + kDay, kTestNow));
}

}  // namespace
}  // namespace claviger::keys
