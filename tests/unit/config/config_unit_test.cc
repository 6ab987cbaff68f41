// [[unit]]: which units get keys.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/config.h"
#include "tests/unit/config/config_text.h"

namespace claviger {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string UnitEntry(std::string_view more) {
  return fmt::format("[[unit]]\nname = \"app.service\"\nscopes = [\"read:a\"]\n{}\n", more);
}

TEST(ConfigUnits, AreTakenInTheirOrder) {
  const Config config = Parse(R"([[unit]]
name = "app.service"
scopes = ["read:a", "write:b"]
[[unit]]
name = "worker@*.service"
credential = "token"
bundles = ["auditor"]
owner = "ops"
team = "platform"
description = "for workers"
lifetime = "1h"
previous = "0s"
end_with_unit = true
)");
  ASSERT_EQ(config.units.size(), 2u);
  const keys::UnitRule& first = config.units[0];
  EXPECT_EQ(first.name, "app.service");
  EXPECT_EQ(first.credential, "api-key");
  EXPECT_THAT(first.scopes, ElementsAre("read:a", "write:b"));
  EXPECT_FALSE(first.lifetime);
  EXPECT_EQ(first.previous, 60);
  EXPECT_FALSE(first.end_with_unit);
  const keys::UnitRule& second = config.units[1];
  EXPECT_EQ(second.credential, "token");
  EXPECT_THAT(second.bundles, ElementsAre("auditor"));
  EXPECT_EQ(second.owner, "ops");
  EXPECT_EQ(second.team, "platform");
  EXPECT_EQ(second.description, "for workers");
  EXPECT_EQ(second.lifetime, 3600);
  EXPECT_EQ(second.previous, 0);
  EXPECT_TRUE(second.end_with_unit);
}

TEST(ConfigUnits, AreRefusedIfTheyCouldGiveNothing) {
  EXPECT_EQ(Refusal("[[unit]]\nname = \"app.service\"\n"),
            "claviger.toml:1: [[unit]] grants nothing; write scopes or bundles below it");
  EXPECT_THAT(Refusal("[[unit]]\nscopes = [\"read:a\"]\n"), HasSubstr("[[unit]] name: is missing"));
  EXPECT_THAT(
      Refusal("[[unit]]\nname = \"app\"\nscopes = [\"read:a\"]\n"),
      HasSubstr("claviger.toml:2: [[unit]] name: is no unit; write its whole name, such as app.service"));
  EXPECT_THAT(Refusal("[[unit]]\nname = \"*.service\"\nscopes = [\"read:a\"]\n"),
              HasSubstr("stands for no instance"));
  EXPECT_THAT(Refusal("[[unit]]\nname = \"app.service\"\nscopes = [\"read a\"]\n"),
              HasSubstr("claviger.toml:3: [[unit]] scopes: "));
  EXPECT_THAT(Refusal(UnitEntry("credential = \"a/b\"")),
              HasSubstr("claviger.toml:4: [[unit]] credential: "));
  EXPECT_THAT(Refusal(UnitEntry("owner = \" ops\"")), HasSubstr("claviger.toml:4: [[unit]] owner: "));
  EXPECT_THAT(Refusal(UnitEntry("lifetime = \"366d\"")),
              HasSubstr("write a duration from \"1s\" to \"365d\""));
  EXPECT_THAT(Refusal(UnitEntry("lifetim = \"1d\"")), HasSubstr("did you mean lifetime"));
}

TEST(ConfigUnits, HaveOneEntryForEachCredential) {
  EXPECT_EQ(Refusal(UnitEntry("") + UnitEntry("credential = \"other\"")), "accepted");
  EXPECT_THAT(
      Refusal(UnitEntry("") + UnitEntry("")),
      HasSubstr(
          "claviger.toml:6: [[unit]] name: app.service has an entry for the credential api-key already"));
}

TEST(ConfigUnits, AreAsManyAsTheLimitSays) {
  std::string text;
  for (std::size_t i = 0; i < keys::kMaxUnitRules; ++i) {
    text += fmt::format("[[unit]]\nname=\"a{}.service\"\nscopes=[\"read:a\"]\n", i);
  }
  EXPECT_EQ(Refusal(text), "accepted");
  EXPECT_THAT(Refusal(text + UnitEntry("")), HasSubstr("more than 1024 times"));
}

}  // namespace
}  // namespace claviger
