#include "daemon/keys/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace claviger::keys {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kAdmin = R"([catalogue]
name = "example"
domain = "admin"
version = 1

[[scope]]
name = "write:policies:admin"
summary = "Write policies"

[[scope]]
name = "read:policies:admin"
summary = "Read policies"
description = "All policies of the organization."
evidence = "documented"
)";

constexpr const char* kOther = R"(
[[scope]]
name = "read:billing"
summary = "Read bills"
)";

TEST(Catalogue, HoldsTheScopesOfAllFilesInOrderOfName) {
  const auto built = Catalogue::Build({{"admin.toml", kAdmin}, {"other.toml", kOther}});
  ASSERT_TRUE(built) << built.error().message();
  const Catalogue& catalogue = **built;
  ASSERT_EQ(catalogue.scopes().size(), 3U);
  EXPECT_EQ(catalogue.scopes()[0].name, "read:billing");
  EXPECT_EQ(catalogue.scopes()[0].domain, "");
  const CatalogueScope& scope = catalogue.scopes()[1];
  EXPECT_EQ(scope.name, "read:policies:admin");
  EXPECT_EQ(scope.action, ScopeAction::kRead);
  EXPECT_EQ(scope.summary, "Read policies");
  EXPECT_EQ(scope.description, "All policies of the organization.");
  EXPECT_EQ(scope.domain, "admin");
  EXPECT_EQ(scope.evidence, "documented");
  EXPECT_EQ(catalogue.scopes()[2].action, ScopeAction::kWrite);
}

TEST(Catalogue, FindsEveryScopeByNameAndNothingElse) {
  const auto catalogue = *Catalogue::Build({{"admin.toml", kAdmin}, {"other.toml", kOther}});
  for (std::size_t i = 0; i < catalogue->scopes().size(); ++i) {
    EXPECT_EQ(catalogue->Find(catalogue->scopes()[i].name), i);
  }
  EXPECT_FALSE(catalogue->Find("read:policies"));
  EXPECT_FALSE(catalogue->Find(""));
  EXPECT_FALSE(catalogue->Find("read:policies:admin "));
}

TEST(Catalogue, KnowsTheNearestName) {
  const auto catalogue = *Catalogue::Build({{"admin.toml", kAdmin}});
  EXPECT_EQ(catalogue->Nearest("read:policy:admin"), "read:policies:admin");
  EXPECT_EQ(catalogue->Nearest("delete:everything"), "");
}

TEST(Catalogue, MayBeEmpty) {
  EXPECT_TRUE((*Catalogue::Build({}))->scopes().empty());
  EXPECT_TRUE((*Catalogue::Build({{"empty.toml", ""}, {"head.toml", "[catalogue]\n"}}))->scopes().empty());
}

struct Refusal {
  const char* text;
  const char* begins;    // file and line
  const char* contains;  // what is wrong, or what to write
};

void ExpectRefusal(const Refusal& refusal) {
  const auto built = Catalogue::Build({{"a.toml", refusal.text}});
  ASSERT_FALSE(built) << refusal.text;
  EXPECT_EQ(built.error().code(), ErrorCode::kConfiguration);
  EXPECT_THAT(built.error().message(), StartsWith(refusal.begins)) << refusal.text;
  EXPECT_THAT(built.error().message(), HasSubstr(refusal.contains)) << refusal.text;
}

TEST(Catalogue, RefusesWhatIsNotToml) {
  ExpectRefusal({"[[scope]]\nname = \n", "a.toml:2: is not TOML: ", ""});
  ExpectRefusal({"name = 'x'\nname = 'y'\n", "a.toml:2: is not TOML: ", ""});
  ExpectRefusal({"\n[[scope]]\nname = '\xFF'\n", "a.toml:3: is not TOML: ", ""});
}

TEST(Catalogue, RefusesUnknownFieldsWithTheNearestKnownOne) {
  ExpectRefusal(
      {"[[scopes]]\nname = 'read:a'\n", "a.toml:1: unknown field \"scopes\"", "did you mean scope"});
  ExpectRefusal(
      {"[catalogue]\ndomian = 'admin'\n", "a.toml:2: unknown field \"domian\"", "did you mean domain"});
  ExpectRefusal({"[[scope]]\nname = 'read:a'\nsummary = 'A'\nsumary = 'A'\n",
                 "a.toml:4: unknown field \"sumary\"", "did you mean summary"});
  ExpectRefusal({"[[scope]]\nname = 'read:a'\nsummary = 'A'\nexpires = 3\n",
                 "a.toml:4: unknown field \"expires\"",
                 "[[scope]] may have name, summary, description, evidence"});
  ExpectRefusal({"[[scope]]\nname = 'read:a'\nsummary = 'A'\n'\\u001B' = 3\n", "a.toml:4: ", "\\u001B"});
}

TEST(Catalogue, RefusesWrongTypes) {
  ExpectRefusal({"catalogue = 3\n", "a.toml:1: catalogue: must be a table", "[catalogue]"});
  ExpectRefusal({"scope = 3\n", "a.toml:1: scope: must be a list", "[[scope]]"});
  ExpectRefusal({"[scope]\nname = 'read:a'\n", "a.toml:1: scope: must be a list", "[[scope]]"});
  ExpectRefusal({"scope = ['read:a']\n", "a.toml:1: scope: must be a list", "[[scope]]"});
  ExpectRefusal(
      {"[[scope]]\nname = 3\nsummary = 'A'\n", "a.toml:2: name: must be a string", "name = \"...\""});
  ExpectRefusal({"[[scope]]\nname = 'read:a'\nsummary = []\n", "a.toml:3: summary: must be a string", ""});
  ExpectRefusal(
      {"[[scope]]\nname = 'read:a'\nsummary = 'A'\ndescription = 1.5\n", "a.toml:4: description: ", ""});
  ExpectRefusal({"[[scope]]\nname = 'read:a'\nsummary = 'A'\nevidence = true\n", "a.toml:4: evidence: ", ""});
  ExpectRefusal({"[catalogue]\nname = 3\n", "a.toml:2: name: must be a string", ""});
  ExpectRefusal({"[catalogue]\nversion = '1'\n", "a.toml:2: version: must be a whole number", "version = 1"});
  ExpectRefusal({"[catalogue]\nversion = 0\n", "a.toml:2: version: must be a whole number", ""});
}

TEST(Catalogue, RefusesMissingAndBadTexts) {
  ExpectRefusal({"\n[[scope]]\nsummary = 'A'\n", "a.toml:2: this scope has no name", ""});
  ExpectRefusal({"\n[[scope]]\nname = 'read:a'\n", "a.toml:2: this scope has no summary", ""});
  ExpectRefusal({"[[scope]]\nname = 'read:a'\nsummary = ''\n", "a.toml:3: summary: is empty", ""});
  ExpectRefusal({"[[scope]]\nname = 'read:a'\nsummary = \"a\\nb\"\n", "a.toml:3: summary: ", "U+000A"});
  const std::string long_summary = "[[scope]]\nname = 'read:a'\nsummary = '" + std::string(129, 'a') + "'\n";
  ExpectRefusal({long_summary.c_str(), "a.toml:3: summary: has 129 bytes", "at most 128"});
}

TEST(Catalogue, RefusesMalformedScopes) {
  ExpectRefusal(
      {"[[scope]]\nsummary = 'A'\nname = 'run:a'\n", "a.toml:3: scope \"run:a\"", "read, write or delete"});
  ExpectRefusal(
      {"[[scope]]\nname = 'read:*'\nsummary = 'A'\n", "a.toml:2: scope \"read:*\"", "action:resource"});
}

TEST(Catalogue, RefusesScopesOfAnotherDomainThanTheirFiles) {
  ExpectRefusal({"[catalogue]\ndomain = 'admin'\n[[scope]]\nname = 'read:a:other'\nsummary = 'A'\n",
                 "a.toml:4: ", "write read:a:admin"});
  ExpectRefusal({"[catalogue]\ndomain = 'admin'\n[[scope]]\nname = 'read:a'\nsummary = 'A'\n",
                 "a.toml:4: ", "write read:a:admin"});
  ExpectRefusal({"[catalogue]\ndomain = 'Ad min'\n", "a.toml:2: domain: ", "a-z"});
}

TEST(Catalogue, RefusesDoubledScopesAndNamesBothPlaces) {
  const auto built = Catalogue::Build({{"admin.toml", kAdmin},
                                       {"more.toml",
                                        "[[scope]]\nname = 'read:policies:admin'\n"
                                        "summary = 'Again'\n"}});
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().code(), ErrorCode::kConfiguration);
  EXPECT_EQ(
      built.error().message(),
      "more.toml:2: scope read:policies:admin is in the catalogue already, at admin.toml:11; remove one");
}

TEST(Catalogue, HasALargestSize) {
  std::string text;
  for (std::size_t i = 0; i < kMaxCatalogueScopes; ++i) {
    text += "[[scope]]\nname = \"read:r" + std::to_string(i) + "\"\nsummary = \"R\"\n";
  }
  const auto full = Catalogue::Build({{"a.toml", text}});
  ASSERT_TRUE(full);
  EXPECT_EQ((*full)->scopes().size(), kMaxCatalogueScopes);
  EXPECT_TRUE(std::is_sorted((*full)->scopes().begin(), (*full)->scopes().end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));
  const auto over = Catalogue::Build({{"a.toml", text}, {"b.toml", kOther}});
  ASSERT_FALSE(over);
  EXPECT_THAT(over.error().message(), StartsWith("b.toml:3: "));
  EXPECT_THAT(over.error().message(), HasSubstr("4096"));
}

TEST(ScopeSet, HasWhatWasAddedAndNothingElse) {
  ScopeSet set(130);
  for (const std::size_t position : {0U, 63U, 64U, 129U}) set.Add(position);
  for (std::size_t position = 0; position < 300; ++position) {
    EXPECT_EQ(set.Has(position), position == 0 || position == 63 || position == 64 || position == 129)
        << position;
  }
  EXPECT_FALSE(set.Has(static_cast<std::size_t>(-1)));
  EXPECT_FALSE(ScopeSet().Has(0));
}

}  // namespace
}  // namespace claviger::keys
