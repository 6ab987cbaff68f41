#include "daemon/keys/unit_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/keys/sample_records.h"

namespace claviger::keys {
namespace {

using ::testing::HasSubstr;

UnitRule RuleFor(std::string name, std::string credential = "api-key") {
  UnitRule rule;
  rule.name = std::move(name);
  rule.credential = std::move(credential);
  return rule;
}

TEST(UnitName, IsAWholeNameOrOneWithAnInstanceLeftOpen) {
  for (const char* name : {"app.service", "worker@1.service", "worker@*.service", "worker@a-*.service",
                           "a\\x2db.mount", "data.swap"}) {
    EXPECT_TRUE(CheckUnitName(name)) << name;
  }
}

TEST(UnitName, RefusesWhatNoUnitIsCalled) {
  for (const char* name : {"", "app", ".service", "app.", "*", "*.service", "app*.service", "worker@*.*",
                           "worker@1.serv*ce", "a b.service", "a/b.service", "\xC3\xA4.service"}) {
    EXPECT_FALSE(CheckUnitName(name)) << name;
  }
  EXPECT_TRUE(CheckUnitName(std::string(247, 'u') + ".service"));
  EXPECT_FALSE(CheckUnitName(std::string(248, 'u') + ".service"));
}

TEST(UnitCredential, IsWhatSystemdTakesAsAnId) {
  EXPECT_TRUE(CheckUnitCredential("api-key"));
  EXPECT_TRUE(CheckUnitCredential(std::string(255, 'c')));
  for (const std::string& id : {std::string(), std::string("a/b"), std::string("a:b"), std::string("."),
                                std::string(".."), std::string("a b"), std::string(256, 'c')}) {
    EXPECT_FALSE(CheckUnitCredential(id)) << id;
  }
}

TEST(UnitRules, CoverTheirUnitAlone) {
  EXPECT_TRUE(Covers(RuleFor("app.service"), "app.service"));
  EXPECT_FALSE(Covers(RuleFor("app.service"), "app.service.service"));
  EXPECT_FALSE(Covers(RuleFor("app.service"), "myapp.service"));
}

TEST(UnitRules, CoverInstancesButNotTheTemplateItself) {
  const UnitRule rule = RuleFor("worker@*.service");
  EXPECT_TRUE(Covers(rule, "worker@1.service"));
  EXPECT_TRUE(Covers(rule, "worker@a\\x2db.service"));
  EXPECT_FALSE(Covers(rule, "worker@.service"));
  EXPECT_FALSE(Covers(rule, "worker.service"));
  EXPECT_FALSE(Covers(rule, "worker@1.socket"));
}

TEST(UnitRules, GoByNameBeforePatternAndThenByOrder) {
  const std::vector<UnitRule> rules = {RuleFor("worker@*.service"), RuleFor("worker@1*.service"),
                                       RuleFor("worker@10.service"), RuleFor("worker@10.service", "other")};
  EXPECT_EQ(FindUnitRule(rules, "worker@10.service", "api-key"), &rules[2]);
  EXPECT_EQ(FindUnitRule(rules, "worker@11.service", "api-key"), &rules[0]);
  EXPECT_EQ(FindUnitRule(rules, "worker@10.service", "other"), &rules[3]);
  EXPECT_EQ(FindUnitRule(rules, "worker@11.service", "other"), nullptr);
  EXPECT_EQ(FindUnitRule(rules, "app.service", "api-key"), nullptr);
}

TEST(UnitKeyRequests, AreNamedAfterUnitAndCredential) {
  UnitRule rule = RuleFor("worker@*.service");
  rule.scopes = {"read:policies:admin"};
  rule.lifetime = 3600;
  const KeyRequest request = UnitKeyRequest(rule, "worker@1.service", 1700000000);
  EXPECT_EQ(request.name, "worker@1.service/api-key");
  EXPECT_EQ(request.owner, "worker@1");
  EXPECT_EQ(request.expires, 1700003600);
  EXPECT_FALSE(request.unscoped);
  rule.owner = "platform";
  EXPECT_EQ(UnitKeyRequest(rule, "worker@1.service", 1700000000).owner, "platform");
}

TEST(UnitKeyRequests, LeaveTheLifetimeToThePolicyIfTheEntryHasNone) {
  EXPECT_FALSE(UnitKeyRequest(RuleFor("app.service"), "app.service", 1700000000).expires);
}

TEST(UnitRules, AreJudgedByThePolicyBeforeAnyStart) {
  const auto catalogue = Catalogue::Build(std::vector<CatalogueSource>());
  ASSERT_TRUE(catalogue);
  UnitRule rule = RuleFor("worker@*.service");
  rule.scopes = {"read:policies:admin"};
  const std::vector<UnitRule> rules = {rule};
  const Status checked = CheckUnitRules(Policy{}, **catalogue, rules, 1700000000);
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message(), HasSubstr("[[unit]] worker@*.service: scopes: read:policies:admin"));
}

TEST(FollowTerms, ChangesWhatTheTermsSayAndNothingElse) {
  KeyRecord record;
  record.name = "old";
  record.scopes = {"read:policies:admin"};
  record.version = 7;
  record.expires = 5;
  KeyTerms terms;
  terms.request.name = "app.service/api-key";
  terms.request.owner = "app";
  terms.request.scopes = {"write:policies:admin"};
  terms.expires = 9;
  const KeyRecord next = FollowTerms(record, terms);
  EXPECT_EQ(next.name, "app.service/api-key");
  EXPECT_EQ(next.owner, "app");
  EXPECT_EQ(next.scopes, terms.request.scopes);
  EXPECT_EQ(next.version, 7U);
  EXPECT_EQ(next.expires, 5);
}

}  // namespace
}  // namespace claviger::keys
