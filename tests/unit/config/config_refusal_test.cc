#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/config.h"
#include "tests/unit/config/config_text.h"

namespace claviger {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Refused {
  const char* what;
  const char* text;
  const char* message;
};

std::string NameOf(const testing::TestParamInfo<Refused>& refused) { return refused.param.what; }

class RefusedConfig : public testing::TestWithParam<Refused> {};

TEST_P(RefusedConfig, IsToldWithFileLineAndWhatToWrite) {
  EXPECT_EQ(Refusal(GetParam().text), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Unknown, RefusedConfig,
    testing::Values(
        Refused{"MisspelledSetting", "[server]\nloop = 2\n",
                "claviger.toml:2: there is no setting loop in [server]; did you mean loops"},
        Refused{"MisspelledTable", "\n[polcy]\n",
                "claviger.toml:2: there is no table [polcy]; did you mean [policy]"},
        Refused{"StrangeTable", "[network]\n",
                "claviger.toml:1: there is no table [network]; the tables are [server], [store], [token], "
                "[keys], [policy], [roles], [limits], [notices], [backup], [log], "
                "[[rule]], [[ceiling]], [[unit]], [[command]]"},
        Refused{"StrangeSetting", "[log]\nfile = \"/x\"\n",
                "claviger.toml:2: there is no setting file in [log]; it has level"},
        Refused{"SettingOfAnotherTable", "[server]\nprefix = \"ab\"\n",
                "claviger.toml:2: there is no setting prefix in [server]; it belongs to [keys]"},
        Refused{"SettingOutsideItsTable", "loops = 2\n",
                "claviger.toml:1: loops stands outside its table; write it below [server]"},
        Refused{"TableAsAValue", "server = 2\n",
                "claviger.toml:1: server is a table; write [server] and its settings below"},
        Refused{"TableAsAnArray", "[[server]]\nloops = 2\n",
                "claviger.toml:1: server is a table; write [server] and its settings below"},
        Refused{"StrangeValueOutside", "zzzzzz = 2\n",
                "claviger.toml:1: there is no setting zzzzzz; remove it"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Values, RefusedConfig,
    testing::Values(
        Refused{"TextForANumber", "[server]\nloops = \"2\"\n",
                "claviger.toml:2: [server] loops: write a whole number from 0 to 64"},
        Refused{"FractionForANumber", "[server]\nloops = 2.0\n",
                "claviger.toml:2: [server] loops: write a whole number from 0 to 64"},
        Refused{"NegativeNumber", "[server]\nloops = -1\n",
                "claviger.toml:2: [server] loops: write a whole number from 0 to 64"},
        Refused{"NumberTooLarge", "[server]\nloops = 65\n",
                "claviger.toml:2: [server] loops: write a whole number from 0 to 64"},
        Refused{"NoCachedKeys", "[store]\ncached_keys = 0\n",
                "claviger.toml:2: [store] cached_keys: write a whole number from 1 to 10000000"},
        Refused{"NumberForADuration", "[policy]\ndefault_lifetime = 7\n",
                "claviger.toml:2: [policy] default_lifetime: write a duration from \"1s\" to \"365d\""},
        Refused{"DurationTooLong", "[policy]\nmaximum_lifetime = \"366d\"\n",
                "claviger.toml:2: [policy] maximum_lifetime: write a duration from \"1s\" to \"365d\""},
        Refused{"ZeroLifetime", "[policy]\ndefault_lifetime = \"0s\"\n",
                "claviger.toml:2: [policy] default_lifetime: write a duration from \"1s\" to \"365d\""},
        Refused{"DeadlineTooShort", "[token]\ncall_deadline = \"9ms\"\n",
                "claviger.toml:2: [token] call_deadline: write a duration from \"10ms\" to \"10s\""},
        Refused{"DeadlineNegative", "[token]\ncall_deadline = \"-20ms\"\n",
                "claviger.toml:2: [token] call_deadline: write a duration from \"10ms\" to \"10s\""},
        Refused{"DeadlineWithoutUnit", "[token]\ncall_deadline = \"150\"\n",
                "claviger.toml:2: [token] call_deadline: write a duration from \"10ms\" to \"10s\""},
        Refused{"WordUnknown", "[log]\nlevel = \"verbose\"\n",
                "claviger.toml:2: [log] level: write one of debug, info, warning, error"},
        Refused{"UnscopedAsABoolean", "[policy]\nunscoped = true\n",
                "claviger.toml:2: [policy] unscoped: write one of forbid, allow-with-reason"},
        Refused{"PathAsANumber", "[store]\ndirectory = 1\n",
                "claviger.toml:2: [store] directory: write a text in quotes"},
        Refused{"RelativePath", "[store]\ndirectory = \"state\"\n",
                "claviger.toml:2: [store] directory: must be an absolute path; begin it with /"},
        Refused{"EmptyPath", "[token]\nworker = \"\"\n",
                "claviger.toml:2: [token] worker: must be an absolute path; begin it with /"},
        Refused{"ControlCharacterInAPath", "[store]\ndirectory = \"/a\\u0007\"\n",
                "claviger.toml:2: [store] directory: holds a control character; remove it"},
        Refused{"NoUri", "[token]\nuri = \"claviger\"\n",
                "claviger.toml:2: [token] uri: must be a PKCS#11 URI (RFC 7512) that names a token, such as "
                "pkcs11:token=claviger"},
        Refused{"PinInTheUri", "[token]\nuri = \"pkcs11:token=a?pin-value=1234\"\n",
                "claviger.toml:2: [token] uri: must not hold a PIN or its source; remove that part and use "
                "[token] pin_file"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Members, RefusedConfig,
    testing::Values(
        Refused{
            "UnknownUser", "[roles]\nadmin = [\"root\", \"nobody-here\"]\n",
            "claviger.toml:2: [roles] admin: names the user \"nobody-here\", which this host does not know; "
            "create it, remove it here, or write @ before the name of a group"},
        Refused{"UnknownGroup", "[roles]\nissuer = [\"@staff\"]\n",
                "claviger.toml:2: [roles] issuer: names the group \"staff\", which this host does not know; "
                "create it or remove it here"},
        Refused{"UidWithoutNumber", "[roles]\nadmin = [\"uid:x\"]\n",
                "claviger.toml:2: [roles] admin: holds \"uid:x\", which is not a number from 0 to 4294967294 "
                "after uid:"},
        Refused{"UidThatMeansNone", "[roles]\nadmin = [\"uid:4294967295\"]\n",
                "claviger.toml:2: [roles] admin: holds \"uid:4294967295\", which is not a number from 0 to "
                "4294967294 after uid:"},
        Refused{"MembersAsAText", "[roles]\nadmin = \"root\"\n",
                "claviger.toml:2: [roles] admin: write a list of \"user\", \"@group\", \"uid:1000\", "
                "\"gid:1000\" or \"*\""},
        Refused{"MemberAsANumber", "[roles]\nadmin = [0]\n",
                "claviger.toml:2: [roles] admin: write a list of \"user\", \"@group\", \"uid:1000\", "
                "\"gid:1000\" or \"*\""}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Relations, RefusedConfig,
    testing::Values(
        Refused{
            "DefaultLifetimeAboveTheMaximum", "[policy]\nmaximum_lifetime = \"1d\"\n",
            "claviger.toml:2: [policy] default_lifetime (\"7d\") is greater than [policy] maximum_lifetime "
            "(\"1d\"); lower the first or raise the second"},
        Refused{"DefaultGraceAboveTheMaximum", "[policy]\nmaximum_grace = \"2d\"\ndefault_grace = \"3d\"\n",
                "claviger.toml:3: [policy] default_grace (\"3d\") is greater than [policy] maximum_grace "
                "(\"2d\"); lower the first or raise the second"},
        Refused{
            "LossGraceAboveTheProofLifetime", "[token]\nloss_grace = \"6m\"\n",
            "claviger.toml:2: [token] loss_grace (\"6m\") is greater than [store] proof_lifetime (\"5m\"); "
            "lower the first or raise the second"}),
    NameOf);

TEST(ConfigRefusal, TellsTheErrorThatStandsFirstInTheFile) {
  EXPECT_THAT(Refusal("[token]\nuri = 1\n[limits]\nfailure_burst = 0\n[keys]\nprefix = \"X\"\n"),
              StartsWith("claviger.toml:2: [token] uri"));
  EXPECT_THAT(Refusal("[log]\nlevel = 1\n[keys]\nprefix = \"X\"\n"),
              StartsWith("claviger.toml:2: [log] level"));
}

TEST(ConfigRefusal, SaysWhereTheTomlIsBroken) {
  EXPECT_THAT(Refusal("[server]\nloops = \n"), StartsWith("claviger.toml:2: this is not TOML: "));
  EXPECT_THAT(Refusal("[server]\nloops = 1\nloops = 2\n"), StartsWith("claviger.toml:3: this is not TOML: "));
  EXPECT_THAT(Refusal("\xff\xfe"), StartsWith("claviger.toml:1: this is not TOML: "));
}

TEST(ConfigRefusal, NamesTheUnitOfABadDuration) {
  EXPECT_THAT(Refusal("[policy]\ndefault_lifetime = \"1y\"\n"),
              HasSubstr("months and years have no fixed length"));
}

TEST(ConfigRefusal, NamesTheRuleForPrefixes) {
  for (const char* prefix : {"c", "claviger", "CLV", "c1v", ""}) {
    EXPECT_THAT(Refusal("[keys]\nprefix = \"" + std::string(prefix) + "\"\n"),
                HasSubstr("lower-case letters"))
        << prefix;
  }
}

TEST(ConfigRefusal, CountsTheBytesOfTheSocketDirectory) {
  const std::string longest = "/" + std::string(87, 's');
  EXPECT_EQ(Refusal("[server]\nsocket_directory = \"" + longest + "\"\n"), "accepted");
  EXPECT_EQ(
      Refusal("[server]\nsocket_directory = \"" + longest + "s\"\n"),
      "claviger.toml:2: [server] socket_directory: has 89 bytes; socket paths are limited to 107 bytes, so "
      "choose a folder of at most 88");
}

TEST(ConfigRefusal, DoesNotRepeatAPinThatStandsInTheUri) {
  EXPECT_THAT(Refusal("[token]\nuri = \"pkcs11:token=a?pin-value=1234\"\n"), testing::Not(HasSubstr("1234")));
}

TEST(ConfigRefusal, EscapesWhatATerminalWouldObey) {
  EXPECT_THAT(Refusal("\"\\u001b[2J\" = 1\n"), testing::Not(HasSubstr("\x1b")));
  EXPECT_THAT(Refusal("[roles]\nadmin = [\"\\u001b[2J\"]\n"), testing::Not(HasSubstr("\x1b")));
}

TEST(ConfigRefusal, SaysThatTheHostCannotBeAskedForItsAccounts) {
  FixedAccounts accounts;
  accounts.reachable = false;
  EXPECT_THAT(Refusal("[roles]\nadmin = [\"root\"]\n", accounts), HasSubstr("look up a user"));
  EXPECT_THAT(Refusal("", accounts), HasSubstr("look up a user"));
}

}  // namespace
}  // namespace claviger
