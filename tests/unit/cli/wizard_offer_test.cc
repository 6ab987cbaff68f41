#include <gtest/gtest.h>

#include "wizard_fixture.h"

namespace claviger::cli::wizard {
namespace {

boost::json::object WithCeilings(boost::json::array ceilings) {
  boost::json::object policy = PolicyReply();
  policy["ceilings"] = std::move(ceilings);
  return policy;
}

boost::json::object CeilingOf(const char* scope, std::int64_t lifetime, bool unscoped = false) {
  return {{"scopes", boost::json::array{scope}},
          {"owners", boost::json::array{"self"}},
          {"maximum_lifetime", lifetime},
          {"unscoped", unscoped}};
}

TEST(WizardOfferTest, AnAdminIsOfferedTheWholeCatalogue) {
  const Offer offer = OfferOf(PolicyReply());
  EXPECT_EQ(offer.scopes.size(), 4U);
  EXPECT_EQ(offer.bundles.size(), 1U);
  EXPECT_EQ(offer.beyond_ceilings, 0U);
  EXPECT_EQ(offer.maximum_lifetime, 60 * kDay);
  EXPECT_EQ(offer.bundles[0].scopes, (std::vector<std::size_t>{1, 2}));
}

TEST(WizardOfferTest, AnIssuerIsOfferedOnlyWhatSomeCeilingCovers) {
  const Offer offer = OfferOf(
      WithCeilings({CeilingOf("read:policies:*", 3 * kDay), CeilingOf("write:policies:admin", 20 * kDay)}));
  ASSERT_EQ(offer.scopes.size(), 2U);
  EXPECT_EQ(offer.scopes[0].name, "read:policies:admin");
  EXPECT_EQ(offer.scopes[1].name, "write:policies:admin");
  EXPECT_EQ(offer.beyond_ceilings, 2U);
  EXPECT_EQ(offer.maximum_lifetime, 20 * kDay);
  EXPECT_TRUE(offer.bundles.empty()) << "a bundle of which a part may not be granted";
}

TEST(WizardOfferTest, ALifetimeBeyondTheCeilingIsNotTheDefault) {
  const Offer offer = OfferOf(WithCeilings({CeilingOf("*", 2 * kDay)}));
  EXPECT_EQ(offer.default_lifetime, 2 * kDay);
}

TEST(WizardOfferTest, AnIssuerWithoutACeilingIsToldAtOnce) {
  const auto offer = ReadOffer(WithCeilings({}), ScopesReply(), BundlesReply());
  ASSERT_FALSE(offer);
  EXPECT_NE(offer.error().message.find("no ceiling"), std::string::npos);
}

TEST(WizardOfferTest, ACatalogueWithoutAScopeForTheCallerIsNoOffer) {
  const auto offer =
      ReadOffer(WithCeilings({CeilingOf("read:nothing", kDay)}), ScopesReply(), BundlesReply());
  ASSERT_FALSE(offer);
}

TEST(WizardOfferTest, UnscopedKeysNeedPolicyAndCeiling) {
  boost::json::object policy = WithCeilings({CeilingOf("*", kDay, true)});
  EXPECT_FALSE(OfferOf(policy).unscoped);
  policy["unscoped"] = "allow-with-reason";
  EXPECT_TRUE(OfferOf(policy).unscoped);
  policy["ceilings"] = boost::json::array{CeilingOf("*", kDay, false)};
  EXPECT_FALSE(OfferOf(policy).unscoped);
}

TEST(WizardOfferTest, PatternsGiveWhatTheDaemonSaysTheyGive) {
  for (const auto& [pattern, scope] : {std::pair{"*", "read:a"},
                                       {"read:*", "read:a"},
                                       {"read:*", "read:a:b"},
                                       {"read:*:b", "read:a:b"},
                                       {"read:a:*", "read:a:b"},
                                       {"read:a", "read:a"}}) {
    EXPECT_TRUE(PatternGives(pattern, scope)) << pattern << ' ' << scope;
  }
  for (const auto& [pattern, scope] : {std::pair{"read:*", "write:a"},
                                       {"read:*:b", "read:a:c"},
                                       {"read:a:*", "read:a"},
                                       {"read:a", "read:a:b"},
                                       {"read:a:b", "read:a"},
                                       {"read:*:b", "read:a"}}) {
    EXPECT_FALSE(PatternGives(pattern, scope)) << pattern << ' ' << scope;
  }
}

}  // namespace
}  // namespace claviger::cli::wizard
