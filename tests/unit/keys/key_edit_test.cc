#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "daemon/keys/policy.h"
#include "tests/unit/keys/sample_records.h"

namespace claviger::keys {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr auto kInvalid = ErrorCode::kInvalidArgument;

std::shared_ptr<const Catalogue> CatalogueWithBundles() {
  std::string text = "[[bundle]]\nname = 'reader'\nsummary = 'Reads'\nscopes = ['read:*']\n";
  for (const char* action : {"read", "write", "delete"}) {
    for (const char* resource : {"policies", "domains"}) {
      text += "[[scope]]\nname = '" + std::string(action) + ":" + resource + ":admin'\nsummary = 'S'\n";
    }
  }
  return *Catalogue::Build({{"bundles.toml", text}});
}

class KeyEditTest : public ::testing::Test {
 protected:
  Result<KeyRecord> Apply(const std::function<void(KeyEdit&)>& change) const {
    KeyEdit edit;
    change(edit);
    return ApplyEdit(policy_, *catalogue_, record_, edit, kTestNow);
  }
  void ExpectRefusal(ErrorCode code, const std::string& begins, const std::string& says,
                     const std::function<void(KeyEdit&)>& change) const {
    const auto edited = Apply(change);
    ASSERT_FALSE(edited) << begins << says;
    EXPECT_EQ(edited.error().code(), code) << edited.error().message();
    EXPECT_THAT(edited.error().message(), StartsWith(begins));
    EXPECT_THAT(edited.error().message(), HasSubstr(says));
  }

  Policy policy_;
  KeyRecord record_ = SampleRecord();
  std::shared_ptr<const Catalogue> catalogue_ = CatalogueWithBundles();
};

TEST_F(KeyEditTest, ChangesWhatIsGivenAndNothingElse) {
  KeyRecord expected = record_;
  expected.name = "other";
  expected.owner = "bob";
  expected.description.clear();
  const auto edited = Apply([](KeyEdit& e) {
    e.name = "other";
    e.owner = "bob";
    e.description = "";
  });
  ASSERT_TRUE(edited) << edited.error().message();
  EXPECT_EQ(*edited, expected);

  expected = record_;
  expected.scopes = {"write:policies:admin"};
  expected.team.clear();
  expected.expires = record_.expires - kDay;
  const auto second = Apply([&](KeyEdit& e) {
    e.scopes = {"write:policies:admin"};
    e.team = "";
    e.expires = expected.expires;
  });
  ASSERT_TRUE(second) << second.error().message();
  EXPECT_EQ(*second, expected);
}

TEST_F(KeyEditTest, RefusesToChangeNothing) {
  ExpectRefusal(kInvalid, "key_id: nothing would change", "", [](KeyEdit&) {});
  ExpectRefusal(kInvalid, "key_id: nothing would change", "", [&](KeyEdit& e) {
    e.name = record_.name;
    e.scopes = record_.scopes;
    e.expires = record_.expires;
  });
}

TEST_F(KeyEditTest, ARevokedKeyStaysAsItIs) {
  record_.state = RecordState::kRevoked;
  ExpectRefusal(ErrorCode::kConflict, "the key is revoked", "issue a new key",
                [](KeyEdit& e) { e.name = "n"; });
}

TEST_F(KeyEditTest, RefusesBadTexts) {
  ExpectRefusal(kInvalid, "name: ", "empty", [](KeyEdit& e) { e.name = ""; });
  ExpectRefusal(kInvalid, "owner: ", "empty", [](KeyEdit& e) { e.owner = ""; });
  ExpectRefusal(kInvalid, "description: ", "at most 1024",
                [](KeyEdit& e) { e.description = std::string(1025, 'd'); });
  ExpectRefusal(kInvalid, "team: ", "U+000A", [](KeyEdit& e) { e.team = "a\nb"; });
}

TEST_F(KeyEditTest, RulesForTextsAreForThoseThatChange) {
  policy_.names = *NamePattern::Parse("[a-z]+-[a-z]+");
  policy_.require_description = true;
  policy_.require_team = true;
  record_.description.clear();
  record_.team.clear();
  EXPECT_TRUE(Apply([&](KeyEdit& e) {
    e.name = record_.name;
    e.team = "";
    e.owner = "bob";
  })) << "what was there before the rule may stay";
  EXPECT_TRUE(Apply([](KeyEdit& e) { e.name = "deploy-site"; }));
  ExpectRefusal(kInvalid, "name: \"site\" ", "[a-z]+-[a-z]+", [](KeyEdit& e) { e.name = "site"; });
  record_ = SampleRecord();
  ExpectRefusal(kInvalid, "description: the policy requires", "", [](KeyEdit& e) { e.description = ""; });
  ExpectRefusal(kInvalid, "team: the policy requires", "", [](KeyEdit& e) { e.team = ""; });
}

TEST_F(KeyEditTest, ScopesAndBundlesReplaceBoth) {
  record_.bundles = {"reader"};
  auto edited = Apply([](KeyEdit& e) { e.scopes = {"write:domains:admin", "read:domains:admin"}; });
  ASSERT_TRUE(edited);
  EXPECT_THAT(edited->scopes, ElementsAre("read:domains:admin", "write:domains:admin"));
  EXPECT_THAT(edited->bundles, IsEmpty());
  record_.bundles.clear();
  edited = Apply([](KeyEdit& e) { e.bundles = {"reader", "reader"}; });
  ASSERT_TRUE(edited);
  EXPECT_THAT(edited->scopes, ElementsAre("read:domains:admin", "read:policies:admin"));
  EXPECT_THAT(edited->bundles, ElementsAre("reader"));
  edited = Apply([](KeyEdit& e) {
    e.scopes = {"write:domains:admin"};
    e.bundles = {"reader"};
  });
  ASSERT_TRUE(edited);
  EXPECT_THAT(edited->scopes,
              ElementsAre("read:domains:admin", "read:policies:admin", "write:domains:admin"));
}

TEST_F(KeyEditTest, RefusesScopesThatANewKeyWouldNotBeGiven) {
  ExpectRefusal(kInvalid, "scopes: name at least one", "", [](KeyEdit& e) { e.scopes.emplace(); });
  ExpectRefusal(kInvalid, "scopes: name at least one", "", [](KeyEdit& e) { e.bundles.emplace(); });
  ExpectRefusal(kInvalid, "scopes: ", "did you mean", [](KeyEdit& e) { e.scopes = {"read:policy:admin"}; });
  ExpectRefusal(kInvalid, "bundles: ", "did you mean reader", [](KeyEdit& e) { e.bundles = {"readers"}; });
  ExpectRefusal(ErrorCode::kDenied, "scopes: the policy forbids patterns", "read:*",
                [](KeyEdit& e) { e.scopes = {"read:*"}; });
  ExpectRefusal(ErrorCode::kLimitExceeded, "scopes: ", "at most 256", [](KeyEdit& e) {
    e.scopes.emplace();
    for (std::size_t i = 0; i <= kMaxScopesPerKey; ++i) e.scopes->push_back("read:r" + std::to_string(i));
  });
}

TEST_F(KeyEditTest, GrantsThatTheKeyHoldsAlreadyMayStay) {
  record_.scopes = {"read:*:admin", "read:gone:admin"};
  EXPECT_TRUE(Apply([](KeyEdit& e) {
    e.scopes = {"read:gone:admin", "read:*:admin", "write:domains:admin"};
  }));
  EXPECT_TRUE(Apply([](KeyEdit& e) { e.scopes = {"read:gone:admin"}; }));
  EXPECT_FALSE(Apply([](KeyEdit& e) { e.scopes = {"read:gone:admin", "read:gone-too:admin"}; }));
  EXPECT_FALSE(Apply([](KeyEdit& e) { e.scopes = {"write:*:admin"}; }));
}

TEST_F(KeyEditTest, AnUnscopedKeyThatGetsScopesIsUnscopedNoMore) {
  record_.scopes.clear();
  record_.unscoped = true;
  record_.unscoped_reason = "migration";
  const auto edited = Apply([](KeyEdit& e) { e.scopes = {"read:domains:admin"}; });
  ASSERT_TRUE(edited);
  EXPECT_FALSE(edited->unscoped);
  EXPECT_THAT(edited->unscoped_reason, IsEmpty());
  EXPECT_THAT(edited->scopes, ElementsAre("read:domains:admin"));
  EXPECT_TRUE(Apply([](KeyEdit& e) { e.name = "still-unscoped"; })) << "although the policy forbids new ones";
}

TEST_F(KeyEditTest, TheEndOnlyComesNearer) {
  ExpectRefusal(kInvalid, "expires_at: ", "rotate", [&](KeyEdit& e) { e.expires = record_.expires + 1; });
  ExpectRefusal(kInvalid, "expires_at: ", "revoke", [](KeyEdit& e) { e.expires = kTestNow; });
  ExpectRefusal(kInvalid, "expires_at: ", "is not within", [](KeyEdit& e) { e.expires = 0; });
  ExpectRefusal(kInvalid, "expires_at: ", "is not within", [](KeyEdit& e) { e.expires = kLatestTime + 1; });
  EXPECT_TRUE(Apply([](KeyEdit& e) { e.expires = kTestNow + 1; }));
  policy_.excess = ExcessRule::kClamp;
  ExpectRefusal(kInvalid, "expires_at: ", "rotate", [&](KeyEdit& e) { e.expires = record_.expires + 1; });
  record_.not_before = kTestNow + 5 * kDay;
  ExpectRefusal(kInvalid, "expires_at: ", "not_before", [&](KeyEdit& e) { e.expires = record_.not_before; });
  record_ = SampleRecord();
  record_.expires = kTestNow - kDay;
  EXPECT_FALSE(Apply([&](KeyEdit& e) { e.expires = record_.expires - 1; })) << "it has ended";
  EXPECT_TRUE(Apply([](KeyEdit& e) { e.owner = "bob"; }));
}

TEST_F(KeyEditTest, WhatIsAddedMustKeepTheLifetimeThatItsRulesAllow) {
  PolicyRule rule;
  rule.scopes = {*ScopePattern::Parse("delete:*")};
  rule.maximum_lifetime = 5 * kDay;
  policy_.rules = {rule};
  const auto widen = [](KeyEdit& e) { e.scopes = {"read:domains:admin", "delete:domains:admin"}; };
  ExpectRefusal(ErrorCode::kLimitExceeded, "expires_at: ", "5d", widen);
  EXPECT_TRUE(Apply([&](KeyEdit& e) {
    widen(e);
    e.expires = kTestNow + 5 * kDay;
  })) << "shortened in the same edit";
  policy_.excess = ExcessRule::kClamp;
  const auto clamped = Apply(widen);
  ASSERT_TRUE(clamped);
  EXPECT_EQ(clamped->expires, kTestNow + 5 * kDay);
  // The rule came after the key: only what is added is judged.
  policy_.excess = ExcessRule::kRefuse;
  record_.scopes = {"delete:domains:admin"};
  EXPECT_TRUE(Apply([](KeyEdit& e) { e.name = "other"; }));
  ExpectRefusal(ErrorCode::kLimitExceeded, "expires_at: ", "", [](KeyEdit& e) {
    e.scopes = {"delete:domains:admin", "delete:policies:admin"};
  });
  record_.scopes = {"delete:domains:admin", "read:domains:admin"};
  EXPECT_TRUE(Apply([](KeyEdit& e) { e.scopes = {"read:domains:admin"}; }));
  EXPECT_TRUE(Apply([](KeyEdit& e) { e.scopes = {"delete:domains:admin"}; }));
}

TEST_F(KeyEditTest, AnotherOwnerBringsTheRulesForThatOwner) {
  PolicyRule rule;
  rule.owners = {"bob"};
  rule.maximum_lifetime = 5 * kDay;
  policy_.rules = {rule};
  ExpectRefusal(ErrorCode::kLimitExceeded, "expires_at: ", "5d", [](KeyEdit& e) { e.owner = "bob"; });
  EXPECT_TRUE(Apply([](KeyEdit& e) { e.owner = "carol"; }));
  policy_.maximum_lifetime = 5 * kDay;
  policy_.rules.clear();
  EXPECT_TRUE(Apply([](KeyEdit& e) { e.owner = "bob"; })) << "no stricter for bob than it was for alice";
  record_.expires = kTestNow - 1;
  policy_.rules = {rule};
  policy_.maximum_lifetime = 365 * kDay;
  EXPECT_TRUE(Apply([](KeyEdit& e) { e.owner = "bob"; })) << "an ended key has no life left to judge";
}

TEST_F(KeyEditTest, GainedAndLostAreScopesOfTheCatalogue) {
  KeyRecord after = record_;
  after.scopes = {"read:*:admin", "write:domains:admin"};
  EXPECT_THAT(ScopesGained(record_, after, *catalogue_), ElementsAre("write:domains:admin"));
  EXPECT_THAT(ScopesGained(after, record_, *catalogue_), IsEmpty());
  after.scopes = {"delete:*", "read:domains:admin"};
  EXPECT_THAT(ScopesGained(record_, after, *catalogue_),
              ElementsAre("delete:domains:admin", "delete:policies:admin"));
  EXPECT_THAT(ScopesGained(after, record_, *catalogue_), ElementsAre("read:policies:admin"));
  KeyRecord unscoped = record_;
  unscoped.scopes.clear();
  unscoped.unscoped = true;
  EXPECT_THAT(ScopesGained(record_, unscoped, *catalogue_), ::testing::SizeIs(4));
  EXPECT_THAT(ScopesGained(unscoped, record_, *catalogue_), IsEmpty());
  EXPECT_THAT(ScopesGained(unscoped, unscoped, *catalogue_), IsEmpty());
}

TEST_F(KeyEditTest, WideningIsJudgedByPatternsNotByTodaysCatalogue) {
  KeyRecord after = record_;
  after.scopes = {"read:*:admin"};
  EXPECT_THAT(ScopesGained(record_, after, *catalogue_), IsEmpty());
  EXPECT_TRUE(Widens(record_, after));
  EXPECT_FALSE(Widens(after, record_));
  after.scopes.clear();
  after.unscoped = true;
  EXPECT_TRUE(Widens(record_, after));
  EXPECT_FALSE(Widens(after, record_));
  EXPECT_FALSE(Widens(after, after));
}

}  // namespace
}  // namespace claviger::keys
