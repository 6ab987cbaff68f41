#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/keys/policy.h"
#include "tests/unit/keys/sample_records.h"

namespace claviger::keys {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ComplianceTest : public ::testing::Test {
 protected:
  std::vector<std::string> Fields() const {
    std::vector<std::string> fields;
    for (const Violation& violation : Check()) fields.push_back(violation.field);
    return fields;
  }
  std::vector<Violation> Check() const { return CheckCompliance(policy_, *catalogue_, record_, kTestNow); }

  Policy policy_;
  KeyRecord record_ = SampleRecord();
  const std::shared_ptr<const Catalogue> catalogue_ = SampleCatalogue();
};

TEST_F(ComplianceTest, AKeyThatKeepsTheRulesBreaksNone) { EXPECT_THAT(Check(), IsEmpty()); }

TEST_F(ComplianceTest, AnEndedKeyIsNotJudged) {
  policy_.require_description = true;
  record_.description.clear();
  EXPECT_THAT(Fields(), ElementsAre("description"));
  record_.expires = kTestNow;
  EXPECT_THAT(Fields(), IsEmpty());
  record_ = SampleRecord();
  record_.description.clear();
  record_.state = RecordState::kRevoked;
  EXPECT_THAT(Fields(), IsEmpty());
  record_.state = RecordState::kPaused;
  EXPECT_THAT(Fields(), ElementsAre("description"));
}

TEST_F(ComplianceTest, NamesEachFieldThatIsNotAsThePolicyWants) {
  policy_.names = *NamePattern::Parse("[a-z]+-[a-z]+");
  policy_.require_team = true;
  record_.team.clear();
  EXPECT_THAT(Fields(), ElementsAre("name", "team"));
  EXPECT_THAT(Check()[0].message, ::testing::StartsWith("\"deploy\" is not what the policy wants"));
  EXPECT_THAT(Check()[1].message, ::testing::StartsWith("the policy requires one"));
  record_.name = "deploy-site";
  record_.team = "web";
  EXPECT_THAT(Fields(), IsEmpty());
}

TEST_F(ComplianceTest, FullAccessBreaksAPolicyThatForbidsIt) {
  record_.scopes.clear();
  record_.unscoped = true;
  EXPECT_THAT(Fields(), ElementsAre("unscoped_reason"));
  policy_.unscoped = UnscopedRule::kAllowWithReason;
  EXPECT_THAT(Fields(), IsEmpty());
  PolicyRule rule;
  rule.owners = {"alice"};
  rule.unscoped = UnscopedRule::kForbid;
  policy_.rules = {rule};
  EXPECT_THAT(Fields(), ElementsAre("unscoped_reason"));
}

TEST_F(ComplianceTest, PatternsBreakAPolicyThatForbidsThem) {
  record_.scopes = {"read:*:admin", "write:*"};
  EXPECT_THAT(Fields(), ElementsAre("scopes"));
  EXPECT_THAT(Check()[0].message, HasSubstr("read:*:admin and 1 more"));
  policy_.wildcards = true;
  EXPECT_THAT(Fields(), IsEmpty());
}

TEST_F(ComplianceTest, GrantsOfWhichTheCatalogueHasNothingAreNamed) {
  record_.scopes = {"read:gone:admin", "read:policies:admin"};
  EXPECT_THAT(Fields(), ElementsAre("scopes"));
  EXPECT_THAT(Check()[0].message, HasSubstr("read:gone:admin"));
}

TEST_F(ComplianceTest, ALifetimeIsMeasuredFromTheMakingOfTheSecretToItsEnd) {
  policy_.maximum_lifetime = 10 * kDay;
  EXPECT_THAT(Fields(), IsEmpty()) << "20 days since the first generation, 10 since the present one";
  policy_.maximum_lifetime = 10 * kDay - 1;
  EXPECT_THAT(Fields(), ElementsAre("expires_at"));
  record_.not_before = kTestNow + 1;
  EXPECT_THAT(Fields(), IsEmpty()) << "it begins later";
}

TEST_F(ComplianceTest, ALifetimeIsJudgedByTheRulesForItsScopes) {
  PolicyRule rule;
  rule.scopes = {*ScopePattern::Parse("delete:*")};
  rule.maximum_lifetime = 9 * kDay;
  policy_.rules = {rule};
  EXPECT_THAT(Fields(), IsEmpty());
  record_.scopes.push_back("delete:domains:admin");
  EXPECT_THAT(Fields(), ElementsAre("expires_at"));
  EXPECT_THAT(Check()[0].message, HasSubstr("10d is beyond the policy's maximum of 9d"));
  EXPECT_THAT(Check()[0].message, HasSubstr("2027-01-02T00:00:00Z"));
}

}  // namespace
}  // namespace claviger::keys
