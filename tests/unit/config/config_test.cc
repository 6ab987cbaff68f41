#include "daemon/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/config_text.h"

namespace claviger {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Config, HoldsTheDefaultsForAnEmptyFile) {
  const Config config = Parse("");
  EXPECT_EQ(config.socket_directory, "/run/claviger");
  EXPECT_EQ(config.loops, 0u);
  EXPECT_EQ(config.state_directory, "/var/lib/claviger");
  EXPECT_EQ(config.token.state_directory, "/var/lib/claviger");
  EXPECT_EQ(config.token.deadline, std::chrono::milliseconds(150));
  EXPECT_EQ(config.key_prefix, "clv");
  EXPECT_EQ(config.policy.default_lifetime, 7 * 86400);
  EXPECT_EQ(config.policy.maximum_lifetime, 365 * 86400);
  EXPECT_EQ(config.policy.unscoped, keys::UnscopedRule::kForbid);
  EXPECT_EQ(config.log_level, LogLevel::kInfo);
  EXPECT_THAT(config.policy.rules, IsEmpty());
  EXPECT_THAT(config.ceilings, IsEmpty());
  EXPECT_THAT(config.notices.commands, IsEmpty());
}

constexpr std::string_view kEverySetting = R"(
[server]
socket_directory = "/s"
loops = 64
[store]
directory = "/d"
cached_keys = 1
proof_lifetime = "1h"
[token]
module = "/m.so"
uri = "pkcs11:serial=12"
pin_file = "/p"
worker = "/w"
call_deadline = "2s"
loss_grace = "30s"
[keys]
prefix = "ab"
scopes_directory = "/c"
[policy]
default_lifetime = "1d12h"
maximum_lifetime = "2w"
default_grace = "0s"
maximum_grace = "1h"
unscoped = "allow-with-reason"
[roles]
admin = ["uid:7"]
auditor = ["web"]
issuer = ["@web", "gid:8"]
verifier = ["*"]
[limits]
failures_per_minute = 5
failure_burst = 6
[log]
level = "warning"
)";

TEST(Config, TakesEverySettingOfTheProcess) {
  const Config config = Parse(kEverySetting);
  EXPECT_EQ(config.socket_directory, "/s");
  EXPECT_EQ(config.loops, 64u);
  EXPECT_EQ(config.state_directory, "/d");
  EXPECT_EQ(config.cached_keys, 1u);
  EXPECT_EQ(config.proof_lifetime, std::chrono::hours(1));
  EXPECT_EQ(config.token.module_path, "/m.so");
  EXPECT_EQ(config.token.uri, "pkcs11:serial=12");
  EXPECT_EQ(config.token.pin_file, "/p");
  EXPECT_EQ(config.token.worker_path, "/w");
  EXPECT_EQ(config.token.state_directory, "/d");
  EXPECT_EQ(config.token.deadline, std::chrono::seconds(2));
  EXPECT_EQ(config.token_loss_grace, std::chrono::seconds(30));
  EXPECT_EQ(config.log_level, LogLevel::kWarning);
}

TEST(Config, TakesEverySettingOfTheRules) {
  const Config config = Parse(kEverySetting);
  EXPECT_EQ(config.key_prefix, "ab");
  EXPECT_EQ(config.scopes_directory, "/c");
  EXPECT_EQ(config.policy.default_lifetime, 129600);
  EXPECT_EQ(config.policy.maximum_lifetime, 14 * 86400);
  EXPECT_EQ(config.policy.default_grace, 0);
  EXPECT_EQ(config.policy.maximum_grace, 3600);
  EXPECT_EQ(config.policy.unscoped, keys::UnscopedRule::kAllowWithReason);
  EXPECT_THAT(config.roles.admin.users, ElementsAre(7u));
  EXPECT_THAT(config.roles.admin.groups, IsEmpty());
  EXPECT_THAT(config.roles.auditor.users, ElementsAre(33u));
  EXPECT_THAT(config.roles.issuer.groups, ElementsAre(33u, 8u));
  EXPECT_TRUE(config.roles.verifier.everyone);
  EXPECT_EQ(config.failures_per_minute, 5u);
  EXPECT_EQ(config.failure_burst, 6u);
}

TEST(Config, GivesTheDefaultRolesToRootAndTheGroupsThatExist) {
  const Config config = Parse("");
  EXPECT_THAT(config.roles.admin.users, ElementsAre(0u));
  EXPECT_THAT(config.roles.admin.groups, ElementsAre(900u));
  EXPECT_THAT(config.roles.verifier.users, ElementsAre(0u));
  EXPECT_THAT(config.roles.verifier.groups, ElementsAre(901u));
  EXPECT_THAT(config.roles.auditor.users, IsEmpty());
  EXPECT_THAT(config.roles.issuer.groups, IsEmpty());
}

TEST(Config, LeavesOutDefaultGroupsThatTheHostDoesNotKnow) {
  FixedAccounts accounts;
  accounts.groups.clear();
  const Config config = Parse("", accounts);
  EXPECT_THAT(config.roles.admin.users, ElementsAre(0u));
  EXPECT_THAT(config.roles.admin.groups, IsEmpty());
}

TEST(Config, GivesNoDefaultMembersToARoleThatTheFileNames) {
  const Config config = Parse("[roles]\nadmin = []\n");
  EXPECT_THAT(config.roles.admin.users, IsEmpty());
  EXPECT_THAT(config.roles.admin.groups, IsEmpty());
}

TEST(Config, TakesMillisecondsForTheCallDeadline) {
  EXPECT_EQ(Parse("[token]\ncall_deadline = \"10ms\"\n").token.deadline, std::chrono::milliseconds(10));
  EXPECT_EQ(Parse("[token]\ncall_deadline = \"10s\"\n").token.deadline, std::chrono::milliseconds(10000));
}

TEST(Config, TakesDottedKeys) { EXPECT_EQ(Parse("server.loops = 3\n").loops, 3u); }

TEST(ChangesForRestart, NamesOnlyWhatAReloadCannotChange) {
  const Config running = Parse("");
  const Config read = Parse(
      "[server]\nloops = 2\n[token]\ncall_deadline = \"1s\"\n[policy]\ndefault_lifetime = \"1d\"\n"
      "[roles]\nauditor = [\"web\"]\n[log]\nlevel = \"debug\"\n");
  EXPECT_THAT(ChangesForRestart(running, read), ElementsAre("[server] loops", "[token] call_deadline"));
  EXPECT_THAT(ChangesForRestart(running, running), IsEmpty());
}

}  // namespace
}  // namespace claviger
