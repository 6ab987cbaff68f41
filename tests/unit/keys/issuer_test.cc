#include "daemon/keys/issuer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>

#include "tests/unit/keys/sample_records.h"
#include "tests/unit/keys/software_token.h"

namespace claviger::keys {
namespace {

KeyTerms SampleTerms() {
  KeyTerms terms;
  terms.request.name = "deploy";
  terms.request.description = "deploys the site";
  terms.request.owner = "alice";
  terms.request.team = "web";
  terms.request.scopes = {"read:policies:admin"};
  terms.not_before = kTestNow;
  terms.expires = kTestNow + 7 * kDay;
  return terms;
}

class IssuerTest : public ::testing::Test {
 protected:
  IssuedKey Issue() { return *issuer_.Issue(SampleTerms(), "root", kTestNow); }
  Result<IssuedKey> IssueAsync() {
    Result<IssuedKey> outcome = Error(ErrorCode::kInternal, "no answer");
    issuer_.IssueAsync(SampleTerms(), "root", kTestNow,
                       [&outcome](Result<IssuedKey> issued) { outcome = std::move(issued); });
    return outcome;
  }
  // Whether the key string's secret is the one that the generation's verifier was made of.
  bool Opens(const IssuedKey& issued, const Generation& generation) {
    const auto presented = ParseKeyString(issued.key_string.ExposeText());
    if (!presented || presented->id != issued.record.id) return false;
    const std::vector<MacRequest> requests = {
        VerifierRequest(presented->id, generation.number, presented->secret)};
    return token_.Compute(requests)->front() == generation.verifier;
  }

  SoftwareToken token_;
  Issuer issuer_{token_, "clv"};
  Policy policy_;
};

TEST_F(IssuerTest, IssuesTheRecordThatTheTermsDescribe) {
  const IssuedKey issued = Issue();
  const KeyRecord& record = issued.record;
  EXPECT_EQ(record.version, 1U);
  EXPECT_EQ(record.name, "deploy");
  EXPECT_EQ(record.description, "deploys the site");
  EXPECT_EQ(record.owner, "alice");
  EXPECT_EQ(record.team, "web");
  EXPECT_EQ(record.creator, "root");
  EXPECT_EQ(record.created, kTestNow);
  EXPECT_EQ(record.not_before, kTestNow);
  EXPECT_EQ(record.expires, kTestNow + 7 * kDay);
  EXPECT_EQ(record.scopes, SampleTerms().request.scopes);
  EXPECT_FALSE(record.unscoped);
  EXPECT_EQ(record.state, RecordState::kActive);
  ASSERT_EQ(record.generations.size(), 1U);
  EXPECT_EQ(record.current().number, 1U);
  EXPECT_EQ(record.current().created, kTestNow);
  EXPECT_FALSE(record.current().ends);
  EXPECT_TRUE(issuer_.Check(record));
}

TEST_F(IssuerTest, TheKeyStringOpensItsOwnGenerationOnly) {
  const IssuedKey first = Issue(), second = Issue();
  EXPECT_TRUE(Opens(first, first.record.current()));
  EXPECT_FALSE(Opens(first, second.record.current()));
  EXPECT_THAT(std::string(first.key_string.ExposeText()),
              ::testing::StartsWith("clv_" + first.record.id.ToString() + "_"));
}

TEST_F(IssuerTest, NeverMakesTheSameSecretTwice) {
  std::set<std::string> secrets;
  for (int i = 0; i < 200; ++i) secrets.insert(std::string(Issue().key_string.ExposeText().substr(22, 43)));
  EXPECT_EQ(secrets.size(), 200U);
}

TEST_F(IssuerTest, AnUnscopedKeyKeepsItsReason) {
  KeyTerms terms = SampleTerms();
  terms.request.scopes.clear();
  terms.request.unscoped = true;
  terms.request.unscoped_reason = "migration";
  const auto issued = issuer_.Issue(terms, "root", kTestNow);
  ASSERT_TRUE(issued);
  EXPECT_TRUE(issued->record.unscoped);
  EXPECT_EQ(issued->record.unscoped_reason, "migration");
}

TEST_F(IssuerTest, IssuesNothingWithoutTheToken) {
  token_.SetReady(false);
  EXPECT_EQ(issuer_.Issue(SampleTerms(), "root", kTestNow).error().code(), ErrorCode::kUnavailable);
  token_.SetReady(true);
  // Secret with verifier, record: pulled out before each of them.
  for (int calls = 0; calls < 2; ++calls) {
    token_.FailAfter(calls);
    EXPECT_EQ(issuer_.Issue(SampleTerms(), "root", kTestNow).error().code(), ErrorCode::kUnavailable)
        << calls;
    token_.FailAfter(calls);
    EXPECT_EQ(IssueAsync().error().code(), ErrorCode::kUnavailable) << calls;
  }
  token_.FailAfter(2);
  EXPECT_TRUE(issuer_.Issue(SampleTerms(), "root", kTestNow));
}

TEST_F(IssuerTest, IssuesTheSameWithoutWaiting) {
  const auto waited = issuer_.Issue(SampleTerms(), "root", kTestNow);
  const auto issued = IssueAsync();
  ASSERT_TRUE(issued);
  EXPECT_TRUE(issuer_.Check(issued->record));
  EXPECT_TRUE(Opens(*issued, issued->record.current()));
  KeyRecord same = issued->record;
  same.id = waited->record.id;
  same.mac = waited->record.mac;
  same.generations = waited->record.generations;
  EXPECT_EQ(same, waited->record);
}

TEST_F(IssuerTest, RotationMakesTheNextGenerationAndGivesTheOldOneGrace) {
  const IssuedKey issued = Issue();
  const UnixSeconds later = kTestNow + 3 * kDay;
  const auto rotated = issuer_.Rotate(issued.record, policy_, {}, later);
  ASSERT_TRUE(rotated) << rotated.error().message();
  const KeyRecord& record = rotated->record;
  EXPECT_EQ(record.id, issued.record.id);
  EXPECT_EQ(record.version, 2U);
  EXPECT_EQ(record.created, kTestNow);
  EXPECT_EQ(record.expires, later + 7 * kDay);
  ASSERT_EQ(record.generations.size(), 2U);
  EXPECT_EQ(record.generations[0].number, 1U);
  EXPECT_EQ(record.generations[0].ends, later + kDay);
  EXPECT_EQ(record.current().number, 2U);
  EXPECT_EQ(record.current().created, later);
  EXPECT_FALSE(record.current().ends);
  EXPECT_TRUE(Opens(*rotated, record.current()));
  EXPECT_FALSE(Opens(*rotated, record.generations[0]));
  EXPECT_TRUE(Opens(issued, record.generations[0]));
  EXPECT_TRUE(issuer_.Check(record));
}

TEST_F(IssuerTest, GraceNeverPassesTheOldExpiry) {
  const IssuedKey issued = Issue();
  const UnixSeconds later = issued.record.expires - 60;
  const auto rotated = issuer_.Rotate(issued.record, policy_, {kDay, std::nullopt, false}, later);
  ASSERT_TRUE(rotated);
  EXPECT_EQ(rotated->record.generations[0].ends, issued.record.expires);
}

TEST_F(IssuerTest, WithoutGraceTheOldGenerationEndsAtOnce) {
  const auto rotated = issuer_.Rotate(Issue().record, policy_, {0, std::nullopt, false}, kTestNow + 5);
  ASSERT_TRUE(rotated);
  EXPECT_EQ(rotated->record.generations[0].ends, kTestNow + 5);
}

TEST_F(IssuerTest, KeepsNoMoreThanTheGenerationBefore) {
  const auto second = issuer_.Rotate(Issue().record, policy_, {}, kTestNow + 1);
  const auto third = issuer_.Rotate(second->record, policy_, {}, kTestNow + 2);
  ASSERT_TRUE(third);
  ASSERT_EQ(third->record.generations.size(), kMaxLiveGenerations);
  EXPECT_EQ(third->record.generations[0].number, 2U);
  EXPECT_EQ(third->record.generations[1].number, 3U);
  EXPECT_EQ(third->record.version, 3U);
}

TEST_F(IssuerTest, RotationRevivesAnExpiredKeyWithoutGrace) {
  const IssuedKey issued = Issue();
  const UnixSeconds later = issued.record.expires + 100 * kDay;
  const auto rotated = issuer_.Rotate(issued.record, policy_, {kDay, std::nullopt, false}, later);
  ASSERT_TRUE(rotated);
  EXPECT_EQ(rotated->record.StateAt(later), KeyState::kActive);
  EXPECT_LE(*rotated->record.generations[0].ends, later);
}

TEST_F(IssuerTest, RotationKeepsTheRulesForExpiryAndGrace) {
  const KeyRecord record = Issue().record;
  const auto rotate = [&](const Rotation& rotation) {
    return issuer_.Rotate(record, policy_, rotation, kTestNow).error();
  };
  EXPECT_EQ(rotate({8 * kDay, std::nullopt, false}).code(), ErrorCode::kLimitExceeded);
  EXPECT_THAT(rotate({8 * kDay, std::nullopt, false}).message(),
              ::testing::StartsWith("grace: 8d is longer"));
  EXPECT_EQ(rotate({std::numeric_limits<std::int64_t>::max(), std::nullopt, false}).code(),
            ErrorCode::kLimitExceeded);
  EXPECT_EQ(rotate({-1, std::nullopt, false}).code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(rotate({std::nullopt, kTestNow, false}).code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(rotate({std::nullopt, kTestNow + 366 * kDay, false}).code(), ErrorCode::kLimitExceeded);
  EXPECT_EQ(rotate({std::nullopt, std::numeric_limits<UnixSeconds>::max(), false}).code(),
            ErrorCode::kInvalidArgument);
  const auto rotated =
      issuer_.Rotate(record, policy_, {std::nullopt, kTestNow + 365 * kDay, false}, kTestNow);
  ASSERT_TRUE(rotated);
  EXPECT_EQ(rotated->record.expires, kTestNow + 365 * kDay);
}

TEST_F(IssuerTest, TheOldSecretMayWaitForTheNewOneUpToThePolicysMaximum) {
  KeyTerms terms = SampleTerms();
  terms.expires = kTestNow + 30 * kDay;
  const KeyRecord record = issuer_.Issue(terms, "root", kTestNow)->record;
  const auto rotated = issuer_.Rotate(record, policy_, {std::nullopt, std::nullopt, true}, kTestNow);
  ASSERT_TRUE(rotated);
  EXPECT_TRUE(rotated->record.generations[0].until_used);
  EXPECT_EQ(rotated->record.generations[0].ends, kTestNow + 7 * kDay);
  EXPECT_FALSE(rotated->record.current().until_used);
  EXPECT_TRUE(issuer_.Check(rotated->record));
  const auto shorter = issuer_.Rotate(record, policy_, {60, std::nullopt, true}, kTestNow);
  ASSERT_TRUE(shorter);
  EXPECT_EQ(shorter->record.generations[0].ends, kTestNow + 60);
  const UnixSeconds late = record.expires - 30;
  EXPECT_EQ(issuer_.Rotate(record, policy_, {60, std::nullopt, true}, late)->record.generations[0].ends,
            record.expires);
  const auto again = issuer_.Rotate(rotated->record, policy_, {}, kTestNow + 1);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->record.generations[0].until_used);
}

TEST_F(IssuerTest, AnOldSecretThatHasEndedWaitsForNothing) {
  const KeyRecord record = Issue().record;
  const auto at_once = issuer_.Rotate(record, policy_, {0, std::nullopt, true}, kTestNow);
  ASSERT_TRUE(at_once);
  EXPECT_FALSE(at_once->record.generations[0].until_used);
  const auto expired = issuer_.Rotate(record, policy_, {kDay, std::nullopt, true}, record.expires);
  ASSERT_TRUE(expired);
  EXPECT_FALSE(expired->record.generations[0].until_used);
}

TEST_F(IssuerTest, RotationClampsWhereThePolicyDoes) {
  policy_.excess = ExcessRule::kClamp;
  KeyTerms terms = SampleTerms();
  terms.expires = kTestNow + 300 * kDay;
  const KeyRecord record = issuer_.Issue(terms, "root", kTestNow)->record;
  const auto rotated = issuer_.Rotate(record, policy_, {30 * kDay, kTestNow + 400 * kDay, false}, kTestNow);
  ASSERT_TRUE(rotated);
  EXPECT_EQ(rotated->record.generations[0].ends, kTestNow + 7 * kDay);
  EXPECT_EQ(rotated->record.expires, kTestNow + 365 * kDay);
}

TEST_F(IssuerTest, RotationKeepsTheRulesForItsScopesAndOwner) {
  PolicyRule rule;
  rule.scopes = {*ScopePattern::Parse("read:policies:*")};
  rule.maximum_lifetime = 2 * kDay;
  policy_.rules = {rule};
  const KeyRecord record = Issue().record;
  EXPECT_EQ(*RotatedExpiry(record, policy_, {}, kTestNow), kTestNow + 2 * kDay);
  EXPECT_EQ(issuer_.Rotate(record, policy_, {}, kTestNow)->record.expires, kTestNow + 2 * kDay);
  EXPECT_EQ(
      RotatedExpiry(record, policy_, {std::nullopt, kTestNow + 3 * kDay, false}, kTestNow).error().code(),
      ErrorCode::kLimitExceeded);
}

TEST_F(IssuerTest, RotationNeverInheritsTheExpiryThatWasOrAnImpossibleOne) {
  KeyRecord record = Issue().record;
  const UnixSeconds later = record.expires + 50 * kDay;
  EXPECT_EQ(*RotatedExpiry(record, policy_, {}, later), later + 7 * kDay);
  record.not_before = later + 10 * kDay;
  EXPECT_EQ(*RotatedExpiry(record, policy_, {}, later), record.not_before + 7 * kDay);
  const auto before_it_begins =
      RotatedExpiry(record, policy_, {std::nullopt, record.not_before, false}, later);
  ASSERT_FALSE(before_it_begins);
  EXPECT_THAT(before_it_begins.error().message(), ::testing::StartsWith("expires_at: "));
}

TEST_F(IssuerTest, NoNewSecretForAccessThatThePolicyForbids) {
  KeyTerms terms = SampleTerms();
  terms.request.scopes = {"read:*:admin"};
  const KeyRecord pattern = issuer_.Issue(terms, "root", kTestNow)->record;
  terms.request.scopes.clear();
  terms.request.unscoped = true;
  terms.request.unscoped_reason = "migration";
  const KeyRecord unscoped = issuer_.Issue(terms, "root", kTestNow)->record;
  for (const KeyRecord* record : {&pattern, &unscoped}) {
    const auto rotated = issuer_.Rotate(*record, policy_, {}, kTestNow);
    ASSERT_FALSE(rotated);
    EXPECT_EQ(rotated.error().code(), ErrorCode::kDenied);
    EXPECT_THAT(rotated.error().message(), ::testing::StartsWith("key_id: the policy forbids "));
  }
  policy_.wildcards = true;
  policy_.unscoped = UnscopedRule::kAllowWithReason;
  EXPECT_TRUE(issuer_.Rotate(pattern, policy_, {}, kTestNow));
  EXPECT_TRUE(issuer_.Rotate(unscoped, policy_, {}, kTestNow));
}

TEST_F(IssuerTest, IssuesWithTheBundlesAndThePredecessorThatTheTermsName) {
  KeyTerms terms = SampleTerms();
  terms.request.bundles = {"read-only"};
  terms.request.replaces = SampleRecord().id;
  const auto issued = issuer_.Issue(terms, "root", kTestNow);
  ASSERT_TRUE(issued);
  EXPECT_EQ(issued->record.bundles, terms.request.bundles);
  EXPECT_EQ(issued->record.replaces, terms.request.replaces);
  EXPECT_TRUE(issuer_.Check(issued->record));
}

TEST_F(IssuerTest, ARevokedKeyIsNotRotated) {
  KeyRecord record = Issue().record;
  record.state = RecordState::kRevoked;
  record.revoked_at = kTestNow;
  record = *issuer_.Revise(record);
  EXPECT_EQ(issuer_.Rotate(record, policy_, {}, kTestNow).error().code(), ErrorCode::kConflict);
}

TEST_F(IssuerTest, ARecordThatWasChangedOutsideIsNeitherRotatedNorAccepted) {
  KeyRecord record = Issue().record;
  record.scopes.push_back("write:policies:admin");
  EXPECT_EQ(issuer_.Check(record).error().code(), ErrorCode::kCorrupt);
  EXPECT_EQ(issuer_.Rotate(record, policy_, {}, kTestNow).error().code(), ErrorCode::kCorrupt);
  const KeyRecord other = Issue().record;
  record = Issue().record;
  record.mac = other.mac;
  EXPECT_EQ(issuer_.Check(record).error().code(), ErrorCode::kCorrupt);
}

TEST_F(IssuerTest, RevisionMakesTheNextVersionAndItsMac) {
  KeyRecord record = Issue().record;
  record.state = RecordState::kPaused;
  const auto revised = issuer_.Revise(record);
  ASSERT_TRUE(revised);
  EXPECT_EQ(revised->version, 2U);
  EXPECT_EQ(revised->state, RecordState::kPaused);
  EXPECT_TRUE(issuer_.Check(*revised));
  token_.SetReady(false);
  EXPECT_EQ(issuer_.Revise(record).error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(issuer_.Check(record).error().code(), ErrorCode::kUnavailable);
}

TEST_F(IssuerTest, AnotherTokenKnowsNeitherRecordNorSecret) {
  const IssuedKey issued = Issue();
  SoftwareToken other;
  EXPECT_EQ(Issuer(other, "clv").Check(issued.record).error().code(), ErrorCode::kCorrupt);
  const auto presented = ParseKeyString(issued.key_string.ExposeText());
  const std::vector<MacRequest> requests = {VerifierRequest(presented->id, 1, presented->secret)};
  EXPECT_NE(other.Compute(requests)->front(), issued.record.current().verifier);
}

TEST_F(IssuerTest, TheRecordHoldsNothingOfTheSecret) {
  const IssuedKey issued = Issue();
  const auto presented = ParseKeyString(issued.key_string.ExposeText());
  const auto secret = presented->secret.Expose();
  const std::vector<std::uint8_t> record = CanonicalRecord(issued.record);
  EXPECT_EQ(std::search(record.begin(), record.end(), secret.begin(), secret.end()), record.end());
  EXPECT_FALSE(EqualInConstantTime(secret, issued.record.current().verifier));
}

}  // namespace
}  // namespace claviger::keys
