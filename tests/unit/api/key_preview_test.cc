#include "daemon/api/key_preview.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/api/sample_record.h"

namespace claviger::api {
namespace {

std::shared_ptr<const keys::Catalogue> SomeCatalogue() {
  auto built = keys::Catalogue::Build({{"a.toml", R"(
[[scope]]
name = "read:mail"
summary = "Read mail"
[[scope]]
name = "read:files"
summary = "Read files"
[[scope]]
name = "delete:files"
summary = "Delete files"
)"}});
  EXPECT_TRUE(built);
  return *built;
}

keys::KeyTerms Terms(std::vector<std::string> scopes, std::int64_t lifetime) {
  keys::KeyTerms terms;
  terms.request.name = "x";
  terms.request.scopes = std::move(scopes);
  terms.not_before = kSampleTime;
  terms.expires = kSampleTime + lifetime;
  return terms;
}

std::vector<std::string> Codes(const keys::KeyTerms& terms) {
  std::vector<std::string> codes;
  for (const auto& warning : WarningsOf(terms, *SomeCatalogue())) {
    codes.emplace_back(warning.as_object().at("code").as_string());
    EXPECT_FALSE(warning.as_object().at("message").as_string().empty());
  }
  return codes;
}

using Expected = std::vector<std::string>;

TEST(KeyPreview, WarnsOfNothingWhereNothingIsAmiss) {
  EXPECT_EQ(Codes(Terms({"read:files", "read:mail"}, kLongLifetime)), Expected());
}

TEST(KeyPreview, WarnsOfALifeOfMoreThanNinetyDaysFromItsBeginning) {
  EXPECT_EQ(Codes(Terms({"read:mail"}, kLongLifetime + 1)), Expected{"long_lived"});
}

TEST(KeyPreview, WarnsOnceOfAllScopesThatDelete) {
  EXPECT_EQ(Codes(Terms({"delete:files", "delete:mail", "read:mail"}, 60)), Expected{"delete_scopes"});
  EXPECT_EQ(Codes(Terms({"read:delete-log"}, 60)), Expected());
}

TEST(KeyPreview, WarnsOfEachPatternWithTheNumberOfItsScopes) {
  EXPECT_EQ(Codes(Terms({"read:*"}, 60)), Expected{"wildcard"});
  EXPECT_EQ(Codes(Terms({"delete:*", "read:*"}, 60)), (Expected{"delete_scopes", "wildcard", "wildcard"}));
  const auto warnings = WarningsOf(Terms({"read:*"}, 60), *SomeCatalogue());
  EXPECT_NE(std::string(warnings.at(0).at("message").as_string()).find(" 2 scopes"), std::string::npos);
}

TEST(KeyPreview, WarnsOfFullAccess) {
  keys::KeyTerms terms = Terms({}, 60);
  terms.request.unscoped = true;
  EXPECT_EQ(Codes(terms), Expected{"unscoped"});
}

TEST(KeyPreview, SaysWhenTheKeyEndsIfThePolicyCutItsLife) {
  keys::KeyTerms terms = Terms({"read:mail"}, 60);
  terms.clamped = true;
  EXPECT_EQ(Codes(terms), Expected{"clamped"});
  const auto warnings = WarningsOf(terms, *SomeCatalogue());
  EXPECT_NE(std::string(warnings.at(0).at("message").as_string()).find(FormatTime(terms.expires)),
            std::string::npos);
}

}  // namespace
}  // namespace claviger::api
