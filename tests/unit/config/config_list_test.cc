// [[rule]], [[ceiling]] and [[command]], and the settings of [policy] and [notices] that are lists or words.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/config.h"
#include "tests/unit/config/config_text.h"

namespace claviger {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kDay = 86400;

std::vector<std::string> Texts(const std::vector<keys::ScopePattern>& patterns) {
  std::vector<std::string> texts;
  for (const keys::ScopePattern& pattern : patterns) texts.push_back(pattern.text());
  return texts;
}

// `count` times `item`, as a TOML list.
std::string ListOf(std::size_t count, std::string_view item) {
  std::string list = "[";
  for (std::size_t i = 0; i < count; ++i) list += fmt::format("{}, ", item);
  return list + "]";
}

std::string Times(std::size_t count, std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

TEST(ConfigPolicy, TakesItsWordsAndLists) {
  const Config config = Parse(R"([policy]
excess = "clamp"
wildcards = "allow"
name_pattern = "[a-z]+-[0-9]{3}"
required = ["team", "description"]
)");
  EXPECT_EQ(config.policy.excess, keys::ExcessRule::kClamp);
  EXPECT_TRUE(config.policy.wildcards);
  EXPECT_TRUE(config.policy.names.Matches("deploy-001"));
  EXPECT_FALSE(config.policy.names.Matches("my deploy-001"));
  EXPECT_TRUE(config.policy.require_description);
  EXPECT_TRUE(config.policy.require_team);
}

TEST(ConfigPolicy, AsksForNothingMoreByDefault) {
  for (const char* text : {"",
                           "[policy]\nexcess = \"refuse\"\nwildcards = \"forbid\"\nname_pattern = \"\"\n"
                           "required = []\n"}) {
    const Config config = Parse(text);
    EXPECT_EQ(config.policy.excess, keys::ExcessRule::kRefuse);
    EXPECT_FALSE(config.policy.wildcards);
    EXPECT_TRUE(config.policy.names.Matches("Any name at all"));
    EXPECT_FALSE(config.policy.require_description);
    EXPECT_FALSE(config.policy.require_team);
  }
}

TEST(ConfigPolicy, RequiresOnlyWhatIsNamed) {
  const Config config = Parse("[policy]\nrequired = [\"team\"]\n");
  EXPECT_FALSE(config.policy.require_description);
  EXPECT_TRUE(config.policy.require_team);
}

TEST(ConfigPolicy, RefusesOtherWords) {
  EXPECT_EQ(Refusal("[policy]\nexcess = \"cut\"\n"),
            "claviger.toml:2: [policy] excess: write one of refuse, clamp");
  EXPECT_EQ(Refusal("[policy]\nwildcards = true\n"),
            "claviger.toml:2: [policy] wildcards: write one of forbid, allow");
  EXPECT_EQ(Refusal("[policy]\nrequired = [\"name\"]\n"),
            "claviger.toml:2: [policy] required: write a list of \"description\" and \"team\"");
  EXPECT_THAT(Refusal("[policy]\nname_pattern = \"[a-z\"\n"),
              HasSubstr("claviger.toml:2: [policy] name_pattern: "));
}

TEST(ConfigRules, AreTakenInTheirOrder) {
  const Config config = Parse(R"([[rule]]
scopes = ["delete:*", "write:policies:admin"]
owners = ["deploy"]
default_lifetime = "1d"
maximum_lifetime = "7d"
[[rule]]
unscoped = "forbid"
)");
  ASSERT_EQ(config.policy.rules.size(), 2u);
  const keys::PolicyRule& first = config.policy.rules[0];
  EXPECT_THAT(Texts(first.scopes), ElementsAre("delete:*", "write:policies:admin"));
  EXPECT_THAT(first.owners, ElementsAre("deploy"));
  EXPECT_EQ(first.default_lifetime, kDay);
  EXPECT_EQ(first.maximum_lifetime, 7 * kDay);
  EXPECT_FALSE(first.unscoped);
  const keys::PolicyRule& second = config.policy.rules[1];
  EXPECT_THAT(second.scopes, IsEmpty());
  EXPECT_THAT(second.owners, IsEmpty());
  EXPECT_FALSE(second.default_lifetime);
  EXPECT_FALSE(second.maximum_lifetime);
  EXPECT_EQ(second.unscoped, keys::UnscopedRule::kForbid);
}

TEST(ConfigRules, MayAllowMoreThanThePolicyWhichThenHolds) {
  EXPECT_EQ(Refusal("[policy]\nmaximum_lifetime = \"7d\"\n[[rule]]\nmaximum_lifetime = \"30d\"\n"),
            "accepted");
}

TEST(ConfigRules, AreRefusedIfTheyCannotBeMeant) {
  EXPECT_EQ(Refusal("[[rule]]\nscopes = [\"delete:*\"]\n"),
            "claviger.toml:1: [[rule]] limits nothing; write default_lifetime, maximum_lifetime or unscoped "
            "below it");
  EXPECT_EQ(Refusal("[[rule]]\ndefault_lifetime = \"2d\"\nmaximum_lifetime = \"1d\"\n"),
            "claviger.toml:2: [[rule]] default_lifetime: (\"2d\") is greater than maximum_lifetime (\"1d\"); "
            "lower the first or raise the second");
  EXPECT_EQ(Refusal("[[rule]]\nowners = [\"*\"]\nmaximum_lifetime = \"1d\"\n"),
            "claviger.toml:2: [[rule]] owners: holds \"*\", but a rule without owners is for all of them; "
            "remove owners");
  EXPECT_THAT(Refusal("[[rule]]\nowners = [\"self\"]\nmaximum_lifetime = \"1d\"\n"),
              HasSubstr("a word of [[ceiling]] alone"));
  EXPECT_THAT(Refusal("[[rule]]\nscopes = []\nmaximum_lifetime = \"1d\"\n"),
              HasSubstr("[[rule]] scopes: write a list of 1 to 256 scopes"));
  EXPECT_THAT(Refusal("[[rule]]\nscopes = [\"fetch:*\"]\nmaximum_lifetime = \"1d\"\n"),
              HasSubstr("claviger.toml:2: [[rule]] scopes: "));
  EXPECT_EQ(Refusal("[[rule]]\nmaximum_lifetime = \"366d\"\n"),
            "claviger.toml:2: [[rule]] maximum_lifetime: write a duration from \"1s\" to \"365d\"");
}

TEST(ConfigCeilings, AreTakenWithTheirMembersResolved) {
  const Config config = Parse(R"([[ceiling]]
members = ["web", "@claviger-admin", "uid:7"]
scopes = ["read:*"]
owners = ["self", "deploy", "*"]
maximum_lifetime = "30d"
unscoped = true
)");
  ASSERT_EQ(config.ceilings.size(), 1u);
  const keys::Ceiling& ceiling = config.ceilings[0];
  EXPECT_THAT(ceiling.members.users, ElementsAre(33u, 7u));
  EXPECT_THAT(ceiling.members.groups, ElementsAre(900u));
  EXPECT_THAT(Texts(ceiling.scopes), ElementsAre("read:*"));
  EXPECT_THAT(ceiling.owners, ElementsAre("self", "deploy", "*"));
  EXPECT_EQ(ceiling.maximum_lifetime, 30 * kDay);
  EXPECT_TRUE(ceiling.unscoped);
}

constexpr std::string_view kCeiling =
    "[[ceiling]]\nmembers = [\"web\"]\nscopes = [\"read:*\"]\nmaximum_lifetime = \"30d\"\n";

TEST(ConfigCeilings, AllowOnlyOwnKeysWithScopesUnlessTheySayMore) {
  const Config config = Parse(kCeiling);
  ASSERT_EQ(config.ceilings.size(), 1u);
  EXPECT_THAT(config.ceilings[0].owners, ElementsAre("self"));
  EXPECT_FALSE(config.ceilings[0].unscoped);
}

TEST(ConfigCeilings, AreRefusedWithoutWhatTheyAreMadeOf) {
  EXPECT_EQ(
      Refusal("[[ceiling]]\nscopes = [\"read:*\"]\nmaximum_lifetime = \"30d\"\n"),
      "claviger.toml:1: [[ceiling]] members: is missing; write a list of \"user\", \"@group\", \"uid:1000\", "
      "\"gid:1000\" or \"*\"");
  EXPECT_THAT(Refusal("[[ceiling]]\nmembers = [\"web\"]\nmaximum_lifetime = \"30d\"\n"),
              HasSubstr("[[ceiling]] scopes: is missing"));
  EXPECT_THAT(Refusal("[[ceiling]]\nmembers = [\"web\"]\nscopes = [\"read:*\"]\n"),
              HasSubstr("[[ceiling]] maximum_lifetime: is missing"));
  EXPECT_THAT(Refusal("[[ceiling]]\nmembers = [\"web\"]\nscopes = []\nmaximum_lifetime = \"1d\"\n"),
              HasSubstr("claviger.toml:3: [[ceiling]] scopes: is empty"));
  EXPECT_EQ(
      Refusal("[[ceiling]]\nmembers = [\"web\"]\nscopes = []\nmaximum_lifetime = \"1d\"\nunscoped = true\n"),
      "accepted");
  EXPECT_THAT(
      Refusal("[[ceiling]]\nmembers = [\"nobody-here\"]\nscopes = [\"read:*\"]\nmaximum_lifetime = \"1d\"\n"),
      HasSubstr("claviger.toml:2: [[ceiling]] members: names the user \"nobody-here\""));
  EXPECT_THAT(Refusal(std::string(kCeiling) + "owners = [\"\"]\n"), HasSubstr("[[ceiling]] owners: "));
  EXPECT_EQ(Refusal(std::string(kCeiling) + "unscoped = \"allow\"\n"),
            "claviger.toml:5: [[ceiling]] unscoped: write true or false");
}

TEST(ConfigNotices, HaveStepsLongestFirst) {
  EXPECT_THAT(Parse("").notices.steps, ElementsAre(30 * kDay, 7 * kDay, kDay));
  EXPECT_THAT(Parse("[notices]\nsteps = [\"1h\", \"14d\", \"2d\"]\n").notices.steps,
              ElementsAre(14 * kDay, 2 * kDay, 3600));
  EXPECT_THAT(Parse("[notices]\nsteps = []\n").notices.steps, IsEmpty());
}

TEST(ConfigNotices, RefuseStepsThatCannotBeKept) {
  EXPECT_EQ(Refusal("[notices]\nsteps = [\"59m\"]\n"),
            "claviger.toml:2: [notices] steps: write a list of at most 16 durations from \"1h\" to \"365d\"");
  EXPECT_THAT(Refusal("[notices]\nsteps = \"1d\"\n"), HasSubstr("write a list of at most 16 durations"));
  EXPECT_EQ(Refusal("[notices]\nsteps = [\"1d\", \"24h\"]\n"),
            "claviger.toml:2: [notices] steps: holds \"1d\" twice; remove one");
  std::string steps;
  for (int hours = 1; hours <= 17; ++hours) steps += fmt::format("\"{}h\", ", hours);
  EXPECT_THAT(Refusal("[notices]\nsteps = [" + steps + "]\n"), HasSubstr("at most 16"));
  EXPECT_EQ(Refusal("[notices]\nsteps = [" + steps.substr(steps.find(' ')) + "]\n"), "accepted");
}

TEST(ConfigCommands, AreTakenWithTheirArguments) {
  const Config config = Parse(R"([[command]]
run = ["/bin/tell", "--to", "", "a b"]
events = ["key.expiring", "key.leaked"]
time_limit = "1m"
[[command]]
run = ["/bin/log"]
events = ["*"]
)");
  ASSERT_EQ(config.notices.commands.size(), 2u);
  const keys::NoticeCommand& first = config.notices.commands[0];
  EXPECT_THAT(first.arguments, ElementsAre("/bin/tell", "--to", "", "a b"));
  EXPECT_EQ(first.time_limit, std::chrono::minutes(1));
  EXPECT_TRUE(first.Wants(keys::Event::kLeaked));
  EXPECT_FALSE(first.Wants(keys::Event::kCreated));
  EXPECT_EQ(config.notices.commands[1].time_limit, std::chrono::seconds(10));
  for (std::size_t i = 0; i < keys::kEvents; ++i) {
    EXPECT_TRUE(config.notices.commands[1].Wants(static_cast<keys::Event>(i))) << i;
  }
}

TEST(ConfigCommands, AreRefusedIfTheyCouldNotRun) {
  EXPECT_EQ(Refusal("[[command]]\nrun = [\"tell\"]\nevents = [\"*\"]\n"),
            "claviger.toml:2: [[command]] run: the program must be an absolute path; begin it with /");
  EXPECT_EQ(Refusal("[[command]]\nrun = []\nevents = [\"*\"]\n"),
            "claviger.toml:2: [[command]] run: write a list of 1 to 64 texts in quotes");
  EXPECT_THAT(Refusal("[[command]]\nrun = \"/bin/tell\"\nevents = [\"*\"]\n"), HasSubstr("write a list of"));
  EXPECT_THAT(Refusal("[[command]]\nrun = [\"/bin/tell\", \"a\\u0000b\"]\nevents = [\"*\"]\n"),
              HasSubstr("[[command]] run: holds a control character"));
  EXPECT_THAT(Refusal("[[command]]\nevents = [\"*\"]\n"), HasSubstr("[[command]] run: is missing"));
  EXPECT_THAT(Refusal("[[command]]\nrun = [\"/bin/tell\"]\n"), HasSubstr("[[command]] events: is missing"));
  EXPECT_EQ(Refusal("[[command]]\nrun = [\"/bin/tell\"]\nevents = [\"key.expirng\"]\n"),
            "claviger.toml:3: [[command]] events: there is no event \"key.expirng\"; did you mean "
            "\"key.expiring\"");
  EXPECT_THAT(Refusal("[[command]]\nrun = [\"/bin/tell\"]\nevents = [\"*\", \"key.leaked\"]\n"),
              HasSubstr("\"*\" means every event; write it alone"));
  EXPECT_THAT(Refusal("[[command]]\nrun = [\"/bin/tell\"]\nevents = [\"*\"]\ntime_limit = \"301s\"\n"),
              HasSubstr("write a duration from \"1s\" to \"5m\""));
}

TEST(ConfigLists, AreNamedWhereTheyAreMisspelt) {
  EXPECT_EQ(Refusal("[[rules]]\nmaximum_lifetime = \"1d\"\n"),
            "claviger.toml:1: there is no setting rules; did you mean [[rule]]");
  EXPECT_EQ(Refusal("[rule]\nmaximum_lifetime = \"1d\"\n"),
            "claviger.toml:1: rule is a list of tables; write [[rule]] and its settings below");
  EXPECT_EQ(Refusal("rule = [1]\n"),
            "claviger.toml:1: rule is a list of tables; write [[rule]] and its settings below");
  EXPECT_EQ(Refusal("[commands]\n"),
            "claviger.toml:1: there is no table [commands]; did you mean [[command]]");
  EXPECT_EQ(
      Refusal("[[ceiling]]\nmember = [\"web\"]\n"),
      "claviger.toml:1: [[ceiling]] members: is missing; write a list of \"user\", \"@group\", \"uid:1000\", "
      "\"gid:1000\" or \"*\"");
  EXPECT_EQ(Refusal(std::string(kCeiling) + "owner = [\"self\"]\n"),
            "claviger.toml:5: there is no setting owner in [[ceiling]]; did you mean owners");
  EXPECT_EQ(Refusal("[policy]\nsteps = [\"1d\"]\n"),
            "claviger.toml:2: there is no setting steps in [policy]; it belongs to [notices]");
  EXPECT_EQ(Refusal("run = [\"/x\"]\n"),
            "claviger.toml:1: run stands outside its table; write it below [[command]]");
}

TEST(ConfigLists, AreTakenUpToTheirLimits) {
  const std::string rule = "[[rule]]\nmaximum_lifetime = \"1d\"\n";
  EXPECT_EQ(Refusal(Times(kMaxPolicyRules, rule)), "accepted");
  EXPECT_EQ(Refusal(Times(kMaxPolicyRules + 1, rule)),
            "claviger.toml:513: [[rule]] stands here more than 256 times; join some of them");
  EXPECT_EQ(Refusal(Times(kMaxCeilings, kCeiling)), "accepted");
  EXPECT_THAT(Refusal(Times(kMaxCeilings + 1, kCeiling)), HasSubstr("[[ceiling]] stands here more than 256"));
  const std::string command = "[[command]]\nrun = [\"/x\"]\nevents = [\"*\"]\n";
  EXPECT_EQ(Refusal(Times(keys::kMaxNoticeCommands, command)), "accepted");
  EXPECT_THAT(Refusal(Times(keys::kMaxNoticeCommands + 1, command)), HasSubstr("more than 16 times"));
}

TEST(ConfigLists, TakeItemsUpToTheirLimits) {
  const auto rule = [](std::string_view name, const std::string& list) {
    return Refusal(fmt::format("[[rule]]\nmaximum_lifetime = \"1d\"\n{} = {}\n", name, list));
  };
  EXPECT_EQ(rule("scopes", ListOf(kMaxPatterns, "\"read:*\"")), "accepted");
  EXPECT_THAT(rule("scopes", ListOf(kMaxPatterns + 1, "\"read:*\"")), HasSubstr("1 to 256"));
  EXPECT_EQ(rule("owners", ListOf(kMaxOwners, "\"web\"")), "accepted");
  EXPECT_THAT(rule("owners", ListOf(kMaxOwners + 1, "\"web\"")), HasSubstr("1 to 256"));
  const auto command = [](const std::string& run) {
    return Refusal(fmt::format("[[command]]\nrun = {}\nevents = [\"*\"]\n", run));
  };
  EXPECT_EQ(command(ListOf(kMaxArguments, "\"/x\"")), "accepted");
  EXPECT_THAT(command(ListOf(kMaxArguments + 1, "\"/x\"")), HasSubstr("1 to 64"));
  EXPECT_EQ(command("[\"/x\", \"" + std::string(4095, 'a') + "\"]"), "accepted");
  EXPECT_THAT(command("[\"/x\", \"" + std::string(4096, 'a') + "\"]"), HasSubstr("a word of 4096 bytes"));
}

}  // namespace
}  // namespace claviger
