#include "daemon/keys/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "tests/unit/keys/sample_records.h"

namespace claviger::keys {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

KeyRequest SampleRequest() {
  KeyRequest request;
  request.name = "deploy";
  request.scopes = {"read:policies:admin"};
  return request;
}

class PolicyTest : public ::testing::Test {
 protected:
  Result<KeyTerms> Apply(const std::function<void(KeyRequest&)>& change) const {
    KeyRequest request = SampleRequest();
    change(request);
    return ApplyPolicy(policy_, *catalogue_, request, "alice", kTestNow);
  }
  void ExpectRefusal(ErrorCode code, const std::string& field, const std::string& says,
                     const std::function<void(KeyRequest&)>& change) const {
    const auto terms = Apply(change);
    ASSERT_FALSE(terms) << field << ": " << says;
    EXPECT_EQ(terms.error().code(), code) << terms.error().message();
    EXPECT_THAT(terms.error().message(), StartsWith(field + ": "));
    EXPECT_THAT(terms.error().message(), HasSubstr(says));
  }

  Policy policy_;
  std::shared_ptr<const Catalogue> catalogue_ = SampleCatalogue();
};

TEST_F(PolicyTest, FillsInTheDefaults) {
  const auto terms = Apply([](KeyRequest&) {});
  ASSERT_TRUE(terms) << terms.error().message();
  EXPECT_EQ(terms->request.owner, "alice");
  EXPECT_EQ(terms->not_before, kTestNow);
  EXPECT_EQ(terms->expires, kTestNow + 7 * kDay);
}

TEST_F(PolicyTest, KeepsWhatIsAskedFor) {
  const auto terms = Apply([](KeyRequest& request) {
    request.owner = "bob";
    request.team = "web";
    request.description = std::string(1024, 'd');
    request.not_before = kTestNow + kDay;
    request.expires = kTestNow + 3 * kDay;
  });
  ASSERT_TRUE(terms) << terms.error().message();
  EXPECT_EQ(terms->request.owner, "bob");
  EXPECT_EQ(terms->request.team, "web");
  EXPECT_EQ(terms->not_before, kTestNow + kDay);
  EXPECT_EQ(terms->expires, kTestNow + 3 * kDay);
}

TEST_F(PolicyTest, SortsScopesAndRemovesDoubles) {
  const auto terms = Apply([](KeyRequest& request) {
    request.scopes = {"write:domains:admin", "read:policies:admin", "write:domains:admin"};
  });
  ASSERT_TRUE(terms);
  EXPECT_EQ(terms->request.scopes, (std::vector<std::string>{"read:policies:admin", "write:domains:admin"}));
}

TEST_F(PolicyTest, RefusesBadTexts) {
  constexpr auto kInvalid = ErrorCode::kInvalidArgument;
  ExpectRefusal(kInvalid, "name", "empty", [](KeyRequest& r) { r.name = ""; });
  ExpectRefusal(kInvalid, "name", "129 bytes", [](KeyRequest& r) { r.name = std::string(129, 'a'); });
  ExpectRefusal(kInvalid, "name", "U+0007", [](KeyRequest& r) { r.name = "a\ab"; });
  ExpectRefusal(kInvalid, "name", "UTF-8", [](KeyRequest& r) { r.name = "a\xFF"; });
  ExpectRefusal(kInvalid, "description", "at most 1024",
                [](KeyRequest& r) { r.description = std::string(1025, 'a'); });
  ExpectRefusal(kInvalid, "description", "U+000A", [](KeyRequest& r) { r.description = "a\nb"; });
  ExpectRefusal(kInvalid, "owner", "space", [](KeyRequest& r) { r.owner = " bob"; });
  ExpectRefusal(kInvalid, "team", "U+0000", [](KeyRequest& r) { r.team = std::string("a\0b", 3); });
}

TEST_F(PolicyTest, RefusesScopesThatAreMissingMalformedOrUnknown) {
  constexpr auto kInvalid = ErrorCode::kInvalidArgument;
  ExpectRefusal(kInvalid, "scopes", "at least one", [](KeyRequest& r) { r.scopes.clear(); });
  ExpectRefusal(kInvalid, "scopes", "read, write or delete",
                [](KeyRequest& r) { r.scopes = {"run:policies"}; });
  ExpectRefusal(kInvalid, "scopes", "did you mean read:policies:admin",
                [](KeyRequest& r) { r.scopes = {"read:policy:admin"}; });
  ExpectRefusal(kInvalid, "scopes", "claviger scope list",
                [](KeyRequest& r) { r.scopes = {"read:quite-different"}; });
}

TEST_F(PolicyTest, LimitsTheNumberOfScopesAfterDoublesAreRemoved) {
  std::string text;
  std::vector<std::string> names;
  for (int i = 0; i < 257; ++i) {
    names.push_back("read:r" + std::to_string(i));
    text += "[[scope]]\nname = \"" + names.back() + "\"\nsummary = \"R\"\n";
  }
  catalogue_ = *Catalogue::Build({{"a.toml", text}});
  ExpectRefusal(ErrorCode::kLimitExceeded, "scopes", "at most 256", [&](KeyRequest& r) { r.scopes = names; });
  names.pop_back();
  names.push_back(names.front());
  EXPECT_TRUE(Apply([&](KeyRequest& r) { r.scopes = names; }));
}

TEST_F(PolicyTest, ForbidsKeysWithFullAccessUnlessThePolicyAllowsThem) {
  const auto unscoped = [](KeyRequest& r) {
    r.scopes.clear();
    r.unscoped = true;
    r.unscoped_reason = "migration";
  };
  ExpectRefusal(ErrorCode::kDenied, "unscoped_reason", "policy forbids", unscoped);
  policy_.unscoped = UnscopedRule::kAllowWithReason;
  const auto terms = Apply(unscoped);
  ASSERT_TRUE(terms) << terms.error().message();
  EXPECT_TRUE(terms->request.unscoped);
  EXPECT_TRUE(terms->request.scopes.empty());
}

TEST_F(PolicyTest, WantsAReasonForFullAccessAndOnlyForThat) {
  policy_.unscoped = UnscopedRule::kAllowWithReason;
  constexpr auto kInvalid = ErrorCode::kInvalidArgument;
  ExpectRefusal(kInvalid, "unscoped_reason", "empty", [](KeyRequest& r) {
    r.scopes.clear();
    r.unscoped = true;
  });
  ExpectRefusal(kInvalid, "scopes", "full access", [](KeyRequest& r) {
    r.unscoped = true;
    r.unscoped_reason = "migration";
  });
  ExpectRefusal(kInvalid, "unscoped_reason", "only for",
                [](KeyRequest& r) { r.unscoped_reason = "migration"; });
}

TEST_F(PolicyTest, RefusesImpossibleTimes) {
  constexpr auto kInvalid = ErrorCode::kInvalidArgument;
  ExpectRefusal(kInvalid, "expires_at", "in the past", [](KeyRequest& r) { r.expires = kTestNow - 1; });
  ExpectRefusal(kInvalid, "expires_at", "in the past", [](KeyRequest& r) { r.expires = kTestNow; });
  ExpectRefusal(kInvalid, "expires_at", "not after not_before", [](KeyRequest& r) {
    r.not_before = kTestNow + kDay;
    r.expires = kTestNow + kDay;
  });
  for (const UnixSeconds time :
       {UnixSeconds{0}, std::numeric_limits<UnixSeconds>::min(), std::numeric_limits<UnixSeconds>::max(),
        kLatestTime + 1, kEarliestTime - 1}) {
    ExpectRefusal(kInvalid, "expires_at", "is not within", [=](KeyRequest& r) { r.expires = time; });
    ExpectRefusal(kInvalid, "not_before", "is not within", [=](KeyRequest& r) { r.not_before = time; });
  }
}

TEST_F(PolicyTest, LimitsTheLifetimeAndNamesTheLatestTime) {
  EXPECT_TRUE(Apply([](KeyRequest& r) { r.expires = kTestNow + 365 * kDay; }));
  ExpectRefusal(ErrorCode::kLimitExceeded, "expires_at", "365d; at most 2027-12-24T00:00:00Z is accepted",
                [](KeyRequest& r) { r.expires = kTestNow + 365 * kDay + 1; });
  policy_.maximum_lifetime = kDay;
  policy_.default_lifetime = kDay;
  ExpectRefusal(ErrorCode::kLimitExceeded, "expires_at", "lifetime of 1d",
                [](KeyRequest& r) { r.expires = kTestNow + kDay + 1; });
}

TEST_F(PolicyTest, MeasuresTheLifetimeFromTheLaterOfNowAndNotBefore) {
  const auto later = Apply([](KeyRequest& r) { r.not_before = kTestNow + 30 * kDay; });
  ASSERT_TRUE(later);
  EXPECT_EQ(later->expires, kTestNow + 37 * kDay);
  EXPECT_TRUE(Apply([](KeyRequest& r) {
    r.not_before = kTestNow + 30 * kDay;
    r.expires = kTestNow + 395 * kDay;
  }));
  const auto earlier = Apply([](KeyRequest& r) { r.not_before = kTestNow - 30 * kDay; });
  ASSERT_TRUE(earlier);
  EXPECT_EQ(earlier->not_before, kTestNow - 30 * kDay);
  EXPECT_EQ(earlier->expires, kTestNow + 7 * kDay);
}

TEST_F(PolicyTest, KeepsTheSumsWithinTheYearsThatRecordsMayName) {
  const auto terms = Apply([](KeyRequest& r) { r.not_before = kLatestTime - 10; });
  ASSERT_TRUE(terms);
  EXPECT_EQ(terms->expires, kLatestTime);
  EXPECT_FALSE(Apply([](KeyRequest& r) { r.not_before = kLatestTime; }))
      << "there is no time left in which it could be valid";
  policy_.maximum_lifetime = std::numeric_limits<std::int64_t>::max();
  policy_.default_lifetime = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(Apply([](KeyRequest&) {})->expires, kLatestTime);
}

TEST_F(PolicyTest, ForbidsPatternsUnlessItAllowsThem) {
  const auto pattern = [](KeyRequest& r) { r.scopes = {"read:*:admin", "write:domains:admin"}; };
  ExpectRefusal(ErrorCode::kDenied, "scopes", "forbids patterns such as read:*:admin", pattern);
  policy_.wildcards = true;
  const auto terms = Apply(pattern);
  ASSERT_TRUE(terms) << terms.error().message();
  EXPECT_EQ(terms->request.scopes, (std::vector<std::string>{"read:*:admin", "write:domains:admin"}));
}

TEST_F(PolicyTest, RefusesPatternsThatGiveNothingOrHaveNoAction) {
  policy_.wildcards = true;
  constexpr auto kInvalid = ErrorCode::kInvalidArgument;
  ExpectRefusal(kInvalid, "scopes", "no scope of the catalogue matches read:*:billing",
                [](KeyRequest& r) { r.scopes = {"read:*:billing"}; });
  ExpectRefusal(kInvalid, "scopes", "has no action", [](KeyRequest& r) { r.scopes = {"*"}; });
  ExpectRefusal(kInvalid, "scopes", "has no action", [](KeyRequest& r) { r.scopes = {"*:policies:admin"}; });
  ExpectRefusal(kInvalid, "scopes", "pattern", [](KeyRequest& r) { r.scopes = {"read:pol*:admin"}; });
}

class PolicyBundleTest : public PolicyTest {
 protected:
  PolicyBundleTest() {
    std::string text = "[[bundle]]\nname = 'reader'\nsummary = 'S'\nscopes = ['read:*']\n";
    for (const char* name : {"read:a", "read:b", "write:a"}) {
      text += "[[scope]]\nname = '" + std::string(name) + "'\nsummary = 'S'\n";
    }
    catalogue_ = *Catalogue::Build({{"bundles.toml", text}});
  }
};

TEST_F(PolicyBundleTest, AddsTheScopesOfBundlesAndRemembersTheirNames) {
  const auto terms = Apply([](KeyRequest& r) {
    r.scopes = {"write:a", "read:b"};
    r.bundles = {"reader", "reader"};
  });
  ASSERT_TRUE(terms) << terms.error().message();
  EXPECT_EQ(terms->request.scopes, (std::vector<std::string>{"read:a", "read:b", "write:a"}));
  EXPECT_EQ(terms->request.bundles, std::vector<std::string>{"reader"});
  EXPECT_TRUE(Apply([](KeyRequest& r) {
    r.scopes.clear();
    r.bundles = {"reader"};
  })) << "a bundle is enough";
}

TEST_F(PolicyBundleTest, RefusesBundlesThatDoNotExist) {
  constexpr auto kInvalid = ErrorCode::kInvalidArgument;
  ExpectRefusal(kInvalid, "bundles", "did you mean reader", [](KeyRequest& r) { r.bundles = {"raeder"}; });
  ExpectRefusal(kInvalid, "bundles", "claviger bundle list",
                [](KeyRequest& r) { r.bundles = {"something"}; });
  ExpectRefusal(kInvalid, "bundles", "\\u{1B}", [](KeyRequest& r) { r.bundles = {"\x1B"}; });
  policy_.unscoped = UnscopedRule::kAllowWithReason;
  ExpectRefusal(kInvalid, "bundles", "full access", [](KeyRequest& r) {
    r.scopes.clear();
    r.bundles = {"reader"};
    r.unscoped = true;
    r.unscoped_reason = "migration";
  });
}

TEST_F(PolicyBundleTest, CountsTheScopesOfBundlesToo) {
  std::string text = "[[bundle]]\nname = 'all'\nsummary = 'S'\nscopes = ['*']\n";
  for (std::size_t i = 0; i <= kMaxScopesPerKey; ++i) {
    text += "[[scope]]\nname = 'read:r" + std::to_string(i) + "'\nsummary = 'S'\n";
  }
  catalogue_ = *Catalogue::Build({{"bundles.toml", text}});
  ExpectRefusal(ErrorCode::kLimitExceeded, "scopes", "257 are named; a key can have at most 256",
                [](KeyRequest& r) {
                  r.scopes.clear();
                  r.bundles = {"all"};
                });
}

TEST_F(PolicyTest, WantsNamesOfItsPattern) {
  policy_.names = *NamePattern::Parse("[a-z]+-(prod|test)");
  ExpectRefusal(ErrorCode::kInvalidArgument, "name", "[a-z]+-(prod|test)", [](KeyRequest&) {});
  EXPECT_TRUE(Apply([](KeyRequest& r) { r.name = "deploy-prod"; }));
}

TEST_F(PolicyTest, WantsTheFieldsThatItRequires) {
  policy_.require_description = true;
  ExpectRefusal(ErrorCode::kInvalidArgument, "description", "requires",
                [](KeyRequest& r) { r.team = "web"; });
  policy_.require_team = true;
  ExpectRefusal(ErrorCode::kInvalidArgument, "team", "requires", [](KeyRequest& r) { r.description = "d"; });
  EXPECT_TRUE(Apply([](KeyRequest& r) {
    r.description = "d";
    r.team = "web";
  }));
}

TEST_F(PolicyTest, RulesForScopesAndOwnersShortenTheLifetime) {
  PolicyRule rule;
  rule.scopes = {*ScopePattern::Parse("delete:*")};
  rule.maximum_lifetime = 2 * kDay;
  rule.default_lifetime = kDay;
  policy_.rules = {rule};
  EXPECT_TRUE(Apply([](KeyRequest& r) { r.expires = kTestNow + 3 * kDay; }));
  const auto sensitive = [](KeyRequest& r) {
    r.scopes.push_back("delete:policies:admin");
    r.expires = kTestNow + 3 * kDay;
  };
  ExpectRefusal(ErrorCode::kLimitExceeded, "expires_at", "lifetime of 2d", sensitive);
  const auto by_default = Apply([](KeyRequest& r) { r.scopes = {"delete:policies:admin"}; });
  ASSERT_TRUE(by_default);
  EXPECT_EQ(by_default->expires, kTestNow + kDay);
  policy_.excess = ExcessRule::kClamp;
  const auto clamped = Apply(sensitive);
  ASSERT_TRUE(clamped);
  EXPECT_EQ(clamped->expires, kTestNow + 2 * kDay);
  EXPECT_TRUE(clamped->clamped);
}

TEST_F(PolicyTest, ARuleMayForbidFullAccessToSomeOwners) {
  policy_.unscoped = UnscopedRule::kAllowWithReason;
  PolicyRule rule;
  rule.owners = {"bob"};
  rule.unscoped = UnscopedRule::kForbid;
  policy_.rules = {rule};
  const auto for_owner = [](const char* owner) {
    return [=](KeyRequest& r) {
      r.owner = owner;
      r.scopes.clear();
      r.unscoped = true;
      r.unscoped_reason = "migration";
    };
  };
  EXPECT_TRUE(Apply(for_owner("carol")));
  ExpectRefusal(ErrorCode::kDenied, "unscoped_reason", "policy forbids", for_owner("bob"));
}

}  // namespace
}  // namespace claviger::keys
