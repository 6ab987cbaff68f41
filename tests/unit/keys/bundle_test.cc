#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/keys/catalogue.h"
#include "daemon/keys/catalogue_file.h"
#include "tests/unit/keys/sample_records.h"

namespace claviger::keys {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr const char* kScopes = R"([catalogue]
name = "first"
version = 3
[[scope]]
name = "read:a"
summary = "A"
[[scope]]
name = "write:a"
summary = "A"
[[scope]]
name = "read:b:x"
summary = "B"
)";

std::string Bundle(const std::string& name, const std::string& scopes) {
  return "[[bundle]]\nname = '" + name + "'\nsummary = 'Some'\nscopes = " + scopes + "\n";
}

TEST(Bundle, HoldsTheScopesOfTheWholeCatalogueThatItNames) {
  const auto built =
      Catalogue::Build({{"bundles.toml", Bundle("read-only", "['read:*']") +
                                             Bundle("all-of-a", "['write:a', '*:a', 'read:a']")},
                        {"scopes.toml", kScopes}});
  ASSERT_TRUE(built) << built.error().message();
  const Catalogue& catalogue = **built;
  ASSERT_EQ(catalogue.bundles().size(), 2U);
  EXPECT_EQ(catalogue.bundles()[0].name, "all-of-a");
  EXPECT_THAT(catalogue.bundles()[0].scopes, ElementsAre("read:a", "write:a"));
  const ScopeBundle* found = catalogue.FindBundle("read-only");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->summary, "Some");
  EXPECT_THAT(found->scopes, ElementsAre("read:a", "read:b:x"));
  EXPECT_EQ(catalogue.FindBundle("read"), nullptr);
  EXPECT_EQ(catalogue.FindBundle("z"), nullptr);
  EXPECT_EQ(catalogue.FindBundle(""), nullptr);
}

TEST(Bundle, FilesSayOfThemselvesWhatTheyAre) {
  const auto catalogue = *Catalogue::Build({{"scopes.toml", kScopes},
                                            {"more.toml",
                                             "[catalogue]\ndomain = 'd'\n[[scope]]\nname = 'read:c:d'\n"
                                             "summary = 'C'\n"}});
  ASSERT_EQ(catalogue->files().size(), 2U);
  EXPECT_EQ(catalogue->files()[0].file_name, "scopes.toml");
  EXPECT_EQ(catalogue->files()[0].name, "first");
  EXPECT_EQ(catalogue->files()[0].version, 3);
  EXPECT_EQ(catalogue->files()[0].scopes, 3U);
  EXPECT_EQ(catalogue->files()[1].name, "");
  EXPECT_EQ(catalogue->files()[1].domain, "d");
  EXPECT_EQ(catalogue->files()[1].version, 0);
  EXPECT_EQ(catalogue->files()[1].scopes, 1U);
}

void ExpectRefusal(const std::string& bundle, const char* begins, const char* contains) {
  const auto built = Catalogue::Build({{"s.toml", kScopes}, {"b.toml", bundle}});
  ASSERT_FALSE(built) << bundle;
  EXPECT_EQ(built.error().code(), ErrorCode::kConfiguration);
  EXPECT_THAT(built.error().message(), StartsWith(begins)) << bundle;
  EXPECT_THAT(built.error().message(), HasSubstr(contains)) << bundle;
}

TEST(Bundle, RefusesWhatNoFileHas) {
  ExpectRefusal(Bundle("b", "['read:a',\n'read:aa']"), "b.toml:5: bundle b: ", "did you mean read:a");
  ExpectRefusal(Bundle("b", "['delete:*']"), "b.toml:4: bundle b: ",
                "no file of the catalogue has a scope for "
                "delete:*");
}

TEST(Bundle, RefusesDoublesAndNamesBothPlaces) {
  ExpectRefusal(Bundle("b", "['read:a']") + Bundle("b", "['read:b:x']"),
                "b.toml:6: bundle b is in the catalogue already, at b.toml:2", "remove one");
}

TEST(Bundle, RefusesBadNamesAndTexts) {
  ExpectRefusal("[[bundle]]\nsummary = 'S'\nscopes = ['read:a']\n", "b.toml:1: this bundle has no name", "");
  ExpectRefusal("[[bundle]]\nname = 'b'\nscopes = ['read:a']\n", "b.toml:1: this bundle has no summary", "");
  ExpectRefusal(Bundle("Read only", "['read:a']"), "b.toml:2: name: must be made of", "a-z");
  ExpectRefusal(Bundle(std::string(129, 'b'), "['read:a']"), "b.toml:2: name: ", "at most 128");
  ExpectRefusal("[[bundle]]\nname = 'b'\nsummary = ''\nscopes = ['read:a']\n", "b.toml:3: summary: is empty",
                "");
}

TEST(Bundle, RefusesListsThatAreNone) {
  ExpectRefusal("[[bundle]]\nname = 'b'\nsummary = 'S'\n", "b.toml:1: scopes: must be a list", "read:*");
  ExpectRefusal(Bundle("b", "[]"), "b.toml:4: scopes: must be a list", "");
  ExpectRefusal(Bundle("b", "'read:a'"), "b.toml:4: scopes: must be a list", "");
  ExpectRefusal(Bundle("b", "[3]"), "b.toml:4: scopes: must be strings", "");
  ExpectRefusal(Bundle("b", "['read']"), "b.toml:4: scope \"read\"", "action:resource");
  ExpectRefusal(Bundle("b", "['read:*x']"), "b.toml:4: pattern \"read:*x\"", "");
  ExpectRefusal("bundle = 3\n", "b.toml:1: bundle: must be a list", "[[bundle]]");
  ExpectRefusal("bundle = ['b']\n", "b.toml:1: bundle: must be a list", "[[bundle]]");
  ExpectRefusal(Bundle("b", "['read:a']") + "scope = 3\n", "b.toml:5: unknown field \"scope\"",
                "did you mean scopes");
}

TEST(Bundle, HasAMostOfEntriesAndACatalogueAMostOfBundles) {
  const auto list = [](std::size_t entries) {
    std::string text = "[";
    for (std::size_t i = 0; i < entries; ++i) text += "'read:a',";
    return Bundle("b", text + "]");
  };
  EXPECT_TRUE(Catalogue::Build({{"s.toml", kScopes}, {"b.toml", list(kMaxBundleEntries)}}));
  ExpectRefusal(list(kMaxBundleEntries + 1), "b.toml:4: scopes: has 257 entries", "256");

  std::string many;
  for (std::size_t i = 0; i < kMaxCatalogueBundles; ++i)
    many += Bundle("b" + std::to_string(i), "['read:a']");
  EXPECT_TRUE(Catalogue::Build({{"s.toml", kScopes}, {"b.toml", many}}));
  ExpectRefusal(many + Bundle("more", "['read:a']"), "b.toml:1026: is one bundle too many", "256");
}

TEST(Catalogue, ExpandsScopesAndPatternsToWhatItHas) {
  const auto catalogue = SampleCatalogue();
  const auto names = [&](std::string_view grant) {
    std::vector<std::string> found;
    for (const std::size_t position : catalogue->Expand(grant))
      found.push_back(catalogue->scopes()[position].name);
    return found;
  };
  EXPECT_THAT(names("read:policies:admin"), ElementsAre("read:policies:admin"));
  EXPECT_THAT(names("read:*"), ElementsAre("read:domains:admin", "read:policies:admin"));
  EXPECT_THAT(names("*:domains:*"),
              ElementsAre("delete:domains:admin", "read:domains:admin", "write:domains:admin"));
  EXPECT_THAT(names("*"), ::testing::SizeIs(6));
  for (const char* grant :
       {"read:policies", "read:*:billing", "read:other:admin", "", "nonsense", "read:**"}) {
    EXPECT_THAT(names(grant), IsEmpty()) << grant;
  }
}

TEST(Catalogue, ExpandsAPatternToEveryScopeThatItMatches) {
  std::string text;
  for (const char* action : {"read", "write", "delete"}) {
    for (const char* rest : {"a", "a-b", "a:x", "a-b:x", "a:x-y", "b:x", "aa:y"}) {
      text += "[[scope]]\nname = '" + std::string(action) + ":" + rest + "'\nsummary = 'S'\n";
    }
  }
  const auto catalogue = *Catalogue::Build({{"a.toml", text}});
  for (const char* grant : {"*", "read:*", "*:a", "*:a:*", "read:a:*", "write:*:x", "*:*:*", "delete:*:*",
                            "*:*:x", "read:a-b:*", "write:b:*", "read:c:*", "*:aa:y"}) {
    std::vector<std::size_t> expected;
    for (std::size_t i = 0; i < catalogue->scopes().size(); ++i) {
      if (ScopePattern::Parse(grant)->Matches(*ParseScope(catalogue->scopes()[i].name)))
        expected.push_back(i);
    }
    EXPECT_EQ(catalogue->Expand(grant), expected) << grant;
  }
}

TEST(Catalogue, ComparesWithAnotherByName) {
  const auto scope = [](const char* name, const char* rest) {
    return "[[scope]]\nname = '" + std::string(name) + "'\n" + rest + "\n";
  };
  const auto before = *Catalogue::Build(
      {{"a.toml", scope("read:a", "summary = 'A'") + scope("read:b", "summary = 'B'\ndescription = 'old'") +
                      scope("read:c", "summary = 'C'")}});
  const auto after = *Catalogue::Build(
      {{"b.toml", scope("read:b", "summary = 'B'\ndescription = 'new'") + scope("read:c", "summary = 'C'") +
                      scope("read:a-part", "summary = 'A'")}});
  const CatalogueChange change = CompareCatalogues(*before, *after);
  EXPECT_THAT(change.added, ElementsAre("read:a-part"));
  EXPECT_THAT(change.removed, ElementsAre("read:a"));
  EXPECT_THAT(change.reworded, ElementsAre("read:b"));
  const CatalogueChange none = CompareCatalogues(*after, *after);
  EXPECT_THAT(none.added, IsEmpty());
  EXPECT_THAT(none.removed, IsEmpty());
  EXPECT_THAT(none.reworded, IsEmpty());
}

}  // namespace
}  // namespace claviger::keys
