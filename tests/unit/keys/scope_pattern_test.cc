#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "daemon/keys/scope.h"

namespace claviger::keys {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

// Small, but each part has a value that no pattern below names: what "any" means, and no list of names does.
const std::vector<std::string> kActions = {"read", "write", "delete"};
const std::vector<std::string> kResources = {"a", "b", "unnamed"};
const std::vector<std::string> kDomains = {"", "x", "y", "unnamed"};

std::vector<std::string> AllScopes() {
  std::vector<std::string> scopes;
  for (const std::string& action : kActions) {
    for (const std::string& resource : kResources) {
      for (const std::string& domain : kDomains) {
        scopes.push_back(action + ":" + resource + (domain.empty() ? "" : ":" + domain));
      }
    }
  }
  return scopes;
}

std::vector<std::string> AllPatterns() {
  std::vector<std::string> patterns = {"*"};
  for (const char* action : {"read", "write", "delete", "*"}) {
    for (const char* resource : {"a", "b", "*"}) {
      const std::string text = std::string(action) + ":" + resource;
      for (const char* domain : {"", ":x", ":y", ":*"}) patterns.push_back(text + domain);
    }
  }
  return patterns;
}

std::vector<std::string> Parts(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ':');) parts.push_back(part);
  return parts;
}

// The rule as scope.h words it, part by part.
bool MatchesByParts(const std::string& pattern, const std::string& scope) {
  const std::vector<std::string> wanted = Parts(pattern), parts = Parts(scope);
  const bool open = wanted.back() == "*";
  if (open ? parts.size() < wanted.size() : parts.size() != wanted.size()) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] != "*" && wanted[i] != parts[i]) return false;
  }
  return true;
}

TEST(ScopePattern, MatchesWhatItsPartsMatch) {
  for (const std::string& text : AllPatterns()) {
    const auto pattern = ScopePattern::Parse(text);
    ASSERT_TRUE(pattern) << text;
    EXPECT_EQ(pattern->text(), text);
    EXPECT_EQ(pattern->wildcard(), text.find('*') != std::string::npos);
    for (const std::string& scope : AllScopes()) {
      EXPECT_EQ(pattern->Matches(*ParseScope(scope)), MatchesByParts(text, scope)) << text << " " << scope;
    }
  }
}

TEST(ScopePattern, MatchesTheExamplesOfItsDescription) {
  const auto matches = [](const char* pattern, const char* scope) {
    return ScopePattern::Parse(pattern)->Matches(*ParseScope(scope));
  };
  EXPECT_TRUE(matches("read:*", "read:policies"));
  EXPECT_TRUE(matches("read:*", "read:policies:admin"));
  EXPECT_FALSE(matches("read:*", "write:policies"));
  EXPECT_TRUE(matches("read:policies:*", "read:policies:admin"));
  EXPECT_FALSE(matches("read:policies:*", "read:policies"));
  EXPECT_TRUE(matches("read:*:billing", "read:invoices:billing"));
  EXPECT_FALSE(matches("read:*:billing", "read:billing"));
  EXPECT_FALSE(matches("read:*:billing", "read:invoices:other"));
  EXPECT_TRUE(matches("*", "delete:everything:now"));
}

TEST(ScopePattern, CoversAndOverlapsAsTheSetsOfWhatIsMatchedDo) {
  const std::vector<std::string> scopes = AllScopes();
  for (const std::string& first : AllPatterns()) {
    for (const std::string& second : AllPatterns()) {
      bool covers = true, overlaps = false;
      for (const std::string& scope : scopes) {
        const bool in_first = MatchesByParts(first, scope), in_second = MatchesByParts(second, scope);
        covers = covers && (in_first || !in_second);
        overlaps = overlaps || (in_first && in_second);
      }
      const ScopePattern a = *ScopePattern::Parse(first), b = *ScopePattern::Parse(second);
      EXPECT_EQ(a.Covers(b), covers) << first << " " << second;
      EXPECT_EQ(a.Overlaps(b), overlaps) << first << " " << second;
    }
  }
}

TEST(ScopePattern, MayHave128Bytes) {
  EXPECT_TRUE(ScopePattern::Parse("read:*:" + std::string(121, 'a')));
  const auto longer = ScopePattern::Parse("read:*:" + std::string(122, 'a'));
  ASSERT_FALSE(longer);
  EXPECT_THAT(longer.error().message(), HasSubstr("has 129 bytes, of which at most 128"));
}

TEST(ScopePattern, RefusesEverythingElseAndSaysWhatItWants) {
  for (const char* text :
       {"**",       "*:",      ":*",        "read*",     "read:*:",     "read::*", "read:*:*:*",
        "*:*:*:*",  "read:a*", "read:*a:x", "read:a:*b", "run:*",       "Read:*",  "read:*:X",
        "read:A:*", " *",      "* ",        "read:*\n",  "read:*:\xFF", "re*d:a",  "read:pol_icies:*"}) {
    const auto parsed = ScopePattern::Parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(parsed.error().message(), HasSubstr("read:*:billing"));
  }
  // Without a "*" it is a scope, and refused as one.
  for (const char* text : {"", "read", "read:", "run:a", "read:a:b:c"}) {
    const auto parsed = ScopePattern::Parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_THAT(parsed.error().message(), HasSubstr("action:resource"));
  }
}

TEST(Grant, HasOneAction) {
  for (const char* text : {"read:a", "read:a:x", "write:*", "delete:*:x", "read:a:*", "read:*:*"}) {
    EXPECT_TRUE(ParseGrant(text)) << text;
  }
  for (const char* text : {"*", "*:*", "*:a", "*:a:x", "*:*:*", "*:a:*"}) {
    const auto grant = ParseGrant(text);
    ASSERT_FALSE(grant) << text;
    EXPECT_EQ(grant.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(grant.error().message(), HasSubstr("has no action"));
  }
  EXPECT_FALSE(ParseGrant("read"));
}

TEST(Grant, ThoseThatGiveAScopeAreThoseThatMatchIt) {
  EXPECT_THAT(
      GrantsThatGive("read:policies:admin"),
      UnorderedElementsAre("read:policies:admin", "read:*:admin", "read:policies:*", "read:*", "read:*:*"));
  EXPECT_THAT(GrantsThatGive("delete:tokens"), UnorderedElementsAre("delete:tokens", "delete:*"));
  for (const std::string& scope : AllScopes()) {
    const std::vector<std::string> giving = GrantsThatGive(scope);
    for (const std::string& text : AllPatterns()) {
      const auto grant = ParseGrant(text);
      const bool gives = grant && grant->Matches(*ParseScope(scope));
      EXPECT_EQ(std::count(giving.begin(), giving.end(), text), gives ? 1 : 0) << text << " " << scope;
    }
  }
}

TEST(Grant, SeveralNeverCoverOneThatNoneOfThemCovers) {
  // All sets of the grants with one action: what they give together, AnyCovers must say of one of them.
  const std::vector<std::string> scopes = AllScopes();
  std::vector<std::string> grants;
  std::vector<std::uint64_t> given;  // by each: bits over `scopes`
  for (const std::string& text : AllPatterns()) {
    if (text.rfind("read:", 0) != 0) continue;
    grants.push_back(text);
    given.push_back(0);
    for (std::size_t i = 0; i < scopes.size(); ++i) {
      if (MatchesByParts(text, scopes[i])) given.back() |= std::uint64_t{1} << i;
    }
  }
  ASSERT_EQ(grants.size(), 12U);
  for (std::size_t set = 0; set < std::size_t{1} << grants.size(); ++set) {
    std::vector<std::string> held;
    std::uint64_t together = 0;
    for (std::size_t i = 0; i < grants.size(); ++i) {
      if ((set >> i & 1) == 0) continue;
      held.push_back(grants[i]);
      together |= given[i];
    }
    for (std::size_t i = 0; i < grants.size(); ++i) {
      ASSERT_EQ(AnyCovers(held, grants[i]), (given[i] & ~together) == 0) << set << " " << grants[i];
    }
  }
}

TEST(Grant, OneThatCannotBeReadCoversNothingAndIsNotCovered) {
  EXPECT_FALSE(AnyCovers({"nonsense", "read:b"}, "read:a"));
  EXPECT_FALSE(AnyCovers({"nonsense"}, "nonsense"));
  EXPECT_FALSE(AnyCovers({}, "read:a"));
}

}  // namespace
}  // namespace claviger::keys
