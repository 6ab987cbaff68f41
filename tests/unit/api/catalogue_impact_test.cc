#include "daemon/api/catalogue_impact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <memory>
#include <string>
#include <vector>

#include "daemon/api/uncatalogued.h"

namespace claviger::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::shared_ptr<const keys::Catalogue> CatalogueOf(const std::vector<std::string>& scopes,
                                                   const std::string& summary = "Of this test") {
  std::string text;
  for (const std::string& scope : scopes) {
    text += "[[scope]]\nname = \"" + scope + "\"\nsummary = \"" + summary + "\"\n";
  }
  auto catalogue = keys::Catalogue::Build({{"test.toml", text}});
  EXPECT_TRUE(catalogue) << catalogue.error().message();
  return *catalogue;
}

store::KeySummary KeyWith(const std::string& scopes, std::uint8_t number = 1) {
  store::KeySummary key;
  key.id.bytes[0] = number;
  key.scopes = scopes;
  key.unscoped = scopes.empty();
  return key;
}

std::vector<std::string> LostNames(const CatalogueImpact& impact) {
  std::vector<std::string> names;
  for (const LostScope& scope : impact.lost()) names.push_back(scope.name + " " + std::to_string(scope.keys));
  return names;
}

TEST(CatalogueImpact, CountsTheKeysThatLoseARemovedScope) {
  CatalogueImpact impact(*CatalogueOf({"read:a", "read:b", "write:c"}), *CatalogueOf({"read:a"}));
  impact.Add(KeyWith("read:a", 1));
  impact.Add(KeyWith("read:a read:b", 2));
  impact.Add(KeyWith("read:b write:c", 3));
  EXPECT_THAT(LostNames(impact), ElementsAre("read:b 2", "write:c 1"));
  EXPECT_EQ(impact.losing_keys(), 2);
  EXPECT_THAT(impact.lost()[0].key_ids,
              ElementsAre(KeyWith("", 2).id.ToString(), KeyWith("", 3).id.ToString()));
  EXPECT_EQ(impact.DescribeLosses(), "read:b (2 keys), write:c (1 key)");
}

TEST(CatalogueImpact, SaysOfAScopeThatNoKeyHoldsThatItIsLostByNone) {
  CatalogueImpact impact(*CatalogueOf({"read:a", "read:b"}), *CatalogueOf({"read:a"}));
  impact.Add(KeyWith("read:a"));
  EXPECT_THAT(LostNames(impact), ElementsAre("read:b 0"));
  EXPECT_EQ(impact.losing_keys(), 0);
  EXPECT_EQ(impact.DescribeLosses(), "");
}

TEST(CatalogueImpact, CountsForAPatternWhatItGave) {
  CatalogueImpact impact(*CatalogueOf({"read:a:x", "read:b:y", "write:a:x"}), *CatalogueOf({"write:a:x"}));
  impact.Add(KeyWith("read:*", 1));
  impact.Add(KeyWith("read:*:x read:a:x", 2));
  impact.Add(KeyWith("write:*", 3));
  EXPECT_THAT(LostNames(impact), ElementsAre("read:a:x 2", "read:b:y 1"));
  EXPECT_EQ(impact.losing_keys(), 2);
}

TEST(CatalogueImpact, TakesNothingFromAnUnscopedKeyNorForAScopeThatWasNotCatalogued) {
  CatalogueImpact impact(*CatalogueOf({"read:a"}), *CatalogueOf({"read:b"}));
  impact.Add(KeyWith(""));
  impact.Add(KeyWith("read:elsewhere"));
  EXPECT_EQ(impact.losing_keys(), 0);
}

TEST(CatalogueImpact, NamesNewScopesOfTheSameActionAndASimilarResource) {
  const CatalogueImpact impact(*CatalogueOf({"write:policies:admin"}),
                               *CatalogueOf({"write:policy-rules:admin", "write:policies:org",
                                             "read:policies:org", "write:users:admin"}));
  ASSERT_EQ(impact.lost().size(), 1u);
  EXPECT_THAT(impact.lost()[0].nearest, ElementsAre("write:policies:org", "write:policy-rules:admin"));
}

TEST(CatalogueImpact, ListsNoMoreThanItsLimits) {
  std::vector<std::string> parts;
  for (int i = 0; i < 10; ++i) parts.push_back("read:thing-" + std::to_string(i));
  CatalogueImpact impact(*CatalogueOf({"read:things"}), *CatalogueOf(parts));
  for (int i = 0; i < 150; ++i) impact.Add(KeyWith("read:things", static_cast<std::uint8_t>(i)));
  ASSERT_EQ(impact.lost().size(), 1u);
  EXPECT_EQ(impact.lost()[0].nearest.size(), LostScope::kMostNearest);
  EXPECT_EQ(impact.lost()[0].key_ids.size(), LostScope::kMostKeyIds);
  EXPECT_EQ(impact.lost()[0].keys, 150);
}

TEST(CatalogueImpact, DescribesTheFirstLossesAndCountsTheOthers) {
  std::vector<std::string> scopes;
  std::string held;
  for (char c = 'a'; c <= 'g'; ++c) {
    scopes.push_back(std::string("read:") + c);
    held += (held.empty() ? "" : " ") + scopes.back();
  }
  CatalogueImpact impact(*CatalogueOf(scopes), *CatalogueOf({"write:z"}));
  impact.Add(KeyWith(held));
  EXPECT_EQ(impact.DescribeLosses(),
            "read:a (1 key), read:b (1 key), read:c (1 key), read:d (1 key), read:e (1 key) and 2 more");
}

TEST(CatalogueImpact, IsAReplyAndAnActOnRecord) {
  CatalogueImpact impact(*CatalogueOf({"read:a", "read:b"}), *CatalogueOf({"read:a", "read:c"}));
  impact.Add(KeyWith("read:b"));
  EXPECT_EQ(
      boost::json::serialize(ImpactJson(impact, true)),
      R"({"added":["read:c"],"reworded":[],"lost":[{"name":"read:b","nearest":[],"keys":1,"key_ids":[")" +
          KeyWith("").id.ToString() + R"("]}],"in_force":true})");
  const audit::Act act = CatalogueReloadAct(Authority::Self(), impact);
  EXPECT_EQ(act.name, "catalogue.reload");
  EXPECT_EQ(act.actor.user, "clavigerd");
  EXPECT_EQ(act.after,
            R"({"added":["read:c"],"added_count":1,"removed":["read:b"],"removed_count":1,"losing_keys":1})");
}

TEST(CatalogueImpact, PutsABoundedNumberOfNamesOnRecord) {
  std::vector<std::string> scopes;
  for (int i = 0; i < 4096; ++i) scopes.push_back("read:thing-" + std::to_string(i) + std::string(100, 'x'));
  const CatalogueImpact impact(*CatalogueOf(scopes), *CatalogueOf({"read:a"}));
  const audit::Act act = CatalogueReloadAct(Authority::Self(), impact);
  EXPECT_LT(act.after.size(), 64u * 1024);
  EXPECT_THAT(act.after, testing::HasSubstr("\"removed_count\":4096"));
}

TEST(CatalogueImpact, KnowsWhatWasReworded) {
  const CatalogueImpact impact(*CatalogueOf({"read:a"}), *CatalogueOf({"read:a"}, "Other words"));
  EXPECT_THAT(impact.change().reworded, ElementsAre("read:a"));
  EXPECT_THAT(impact.lost(), IsEmpty());
}

TEST(UncataloguedGrants, NameWhatTheCatalogueDoesNotHave) {
  UncataloguedGrants grants(CatalogueOf({"read:a", "write:b:x"}));
  grants.Add(KeyWith("read:a write:*:x"));
  grants.Add(KeyWith(""));
  EXPECT_EQ(grants.keys(), 0);
  EXPECT_EQ(grants.Describe(), "");
  grants.Add(KeyWith("read:a read:gone"));
  grants.Add(KeyWith("delete:* read:gone"));
  EXPECT_EQ(grants.keys(), 2);
  EXPECT_EQ(grants.Describe(),
            "2 keys hold scopes that the catalogue does not have, and that are without effect: delete:* (1), "
            "read:gone (2); see: claviger review");
}

TEST(UncataloguedGrants, NameNoMoreThanTheirLimit) {
  UncataloguedGrants grants(CatalogueOf({"read:a"}));
  for (int i = 0; i < 30; ++i) grants.Add(KeyWith("read:gone-" + std::to_string(i)));
  EXPECT_EQ(grants.keys(), 30);
  EXPECT_THAT(grants.Describe(), testing::HasSubstr("read:gone-9 (1) and others; see"));
}

}  // namespace
}  // namespace claviger::api
