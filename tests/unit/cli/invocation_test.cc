#include "cli/invocation.h"

#include <gtest/gtest.h>

#include <limits>

#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

using Words = std::vector<std::string>;

Failure FailureOf(const Words& words) {
  const auto parsed = Invocation::Parse(words);
  EXPECT_FALSE(parsed) << words.size();
  return parsed ? Failure() : parsed.error();
}

TEST(Invocation, TakesNounVerbArgumentAndOptionsInAnyOrder) {
  for (const Words& words : {Words{"key", "rotate", "ID", "--grace", "1d", "--yes"},
                             Words{"--yes", "key", "--grace=1d", "rotate", "ID"},
                             Words{"-y", "key", "rotate", "--grace", "1d", "--", "ID"}}) {
    const auto parsed = Invocation::Parse(words);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->purpose(), Invocation::Purpose::kRun);
    ASSERT_EQ(parsed->command(), FindCommand("key", "rotate"));
    EXPECT_EQ(parsed->argument(), "ID");
    EXPECT_EQ(parsed->Text("grace"), "1d");
    EXPECT_TRUE(parsed->Has("yes"));
    EXPECT_FALSE(parsed->Has("json"));
    EXPECT_EQ(parsed->Text("expires"), std::nullopt);
  }
}

TEST(Invocation, TakesNoneOrSeveralArgumentsWhereTheTableSaysSo) {
  const auto none = Invocation::Parse(Words{"key", "revoke", "--owner", "a"});
  ASSERT_TRUE(none) << none.error().message;
  EXPECT_TRUE(none->arguments().empty());
  EXPECT_EQ(none->argument(), "");
  const auto several = Invocation::Parse(Words{"key", "revoke", "a", "--yes", "b", "a", "--", "-c"});
  ASSERT_TRUE(several) << several.error().message;
  EXPECT_EQ(several->arguments(), (Words{"a", "b", "a", "-c"}));
  EXPECT_EQ(several->argument(), "a");
}

TEST(Invocation, TellsACommandsOwnOptionsFromThoseOfEveryCommand) {
  EXPECT_FALSE(
      Invocation::Parse(Words{"key", "create", "--quiet", "--socket-directory", "x"})->HasOwnOption());
  EXPECT_TRUE(Invocation::Parse(Words{"key", "create", "--json"})->HasOwnOption());
}

TEST(Invocation, DoesNotTakeAGlobalOptionsValueForANoun) {
  const auto parsed = Invocation::Parse(Words{"--socket-directory", "key", "status"});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->command(), FindCommand("status", ""));
  EXPECT_EQ(parsed->Text("socket-directory"), "key");
}

TEST(Invocation, CollectsRepeatableOptionsAndKeepsEmptyValues) {
  const auto parsed =
      Invocation::Parse(Words{"key", "create", "--name", "", "--scope", "a", "--scope=b", "--scope", "a,b"});
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->Text("name"), "");
  EXPECT_EQ(parsed->List("scope"), (Words{"a", "b", "a,b"}));
  EXPECT_TRUE(parsed->List("expires").empty());
}

TEST(Invocation, KnowsHelpAndVersionWhereverTheyStand) {
  const auto all = Invocation::Parse(Words{"--help"});
  ASSERT_TRUE(all);
  EXPECT_EQ(all->purpose(), Invocation::Purpose::kHelp);
  EXPECT_EQ(all->command(), nullptr);
  EXPECT_EQ(all->noun(), "");
  const auto noun = Invocation::Parse(Words{"help", "key"});
  ASSERT_TRUE(noun);
  EXPECT_EQ(noun->noun(), "key");
  EXPECT_EQ(noun->command(), nullptr);
  for (const Words& words : {Words{"key", "create", "-h"}, Words{"help", "key", "create"},
                             Words{"key", "create", "--unknown", "--help"}}) {
    const auto command = Invocation::Parse(words);
    ASSERT_TRUE(command);
    EXPECT_EQ(command->purpose(), Invocation::Purpose::kHelp);
    EXPECT_EQ(command->command(), FindCommand("key", "create"));
  }
  const auto version = Invocation::Parse(Words{"-V"});
  ASSERT_TRUE(version);
  EXPECT_EQ(version->purpose(), Invocation::Purpose::kVersion);
}

TEST(Invocation, SuggestsTheNearestWord) {
  const std::vector<std::pair<Words, std::string>> cases = {
      {{"kye", "list"}, "did you mean: claviger key"},
      {{"stauts"}, "did you mean: claviger status"},
      {{"key", "creat"}, "did you mean: claviger key create"},
      {{"create", "key"}, "did you mean: claviger key create"},
      {{"key", "create", "--nmae", "x"}, "did you mean: --name"},
      {{"key", "list", "--jsno"}, "did you mean: --json"},
      {{"status", "--quite"}, "did you mean: --quiet"},
      {{"zzzzzz"}, "claviger --help shows all commands"},
      {{"key", "zzzzzz"}, "claviger key --help shows those it has"},
      {{"lock", "--zzzzzz"}, "claviger lock --help shows those it has"},
  };
  for (const auto& [words, hint] : cases) {
    const Failure failure = FailureOf(words);
    EXPECT_EQ(failure.exit_status, protocol::kExitUsage) << words.front();
    EXPECT_EQ(failure.hint, hint);
  }
}

TEST(Invocation, RefusesWhatTheTableDoesNotAllow) {
  const std::vector<std::pair<Words, std::string>> cases = {
      {{}, "there is no command"},
      {{"key"},
       "\"key\" needs a command: create, edit, rotate, revoke, pause, resume, purge, list, show, verify"},
      {{"key", "show"}, "KEY_ID is missing"},
      {{"key", "show", "a", "b"}, "claviger key show does not take \"b\""},
      {{"lock", "now"}, "claviger lock does not take \"now\""},
      {{"lock", "--json"}, "claviger lock has no option --json"},
      {{"key", "purge", "--scope", "a"}, "--older-than TIME is missing"},
      {{"key", "purge", "a", "--older-than", "1d"}, "claviger key purge does not take \"a\""},
      {{"key", "create", "--name"}, "--name needs a value"},
      {{"key", "create", "--name", "a", "--name", "b"}, "--name is given twice"},
      {{"key", "list", "--json=x"}, "--json takes no value"},
      {{"key", "list", "--sta", "active"}, "claviger key list has no option --sta"},
      {{"key", "list", "--argument", "x"}, "claviger key list has no option --argument"},
      {{"key", "list", "-x"}, "claviger key list has no option -x"},
      {{"a\x1b[31m\xE2\x80\xAE"}, "there is no command \"a\\u{1B}[31m\\u{202E}\""},
  };
  for (const auto& [words, message] : cases) {
    const Failure failure = FailureOf(words);
    EXPECT_EQ(failure.exit_status, protocol::kExitUsage) << message;
    EXPECT_EQ(failure.message, message);
  }
}

TEST(Invocation, ReadsNumbersWithinTheirBounds) {
  const auto parsed = Invocation::Parse(Words{"key", "list", "--limit", "7"});
  ASSERT_TRUE(parsed);
  const auto seven = parsed->Number("limit", 1, 7);
  ASSERT_TRUE(seven);
  EXPECT_EQ(*seven, 7);
  EXPECT_EQ(parsed->Number("limit", 1, 6).error().message,
            "--limit: \"7\" is not a whole number of at least 1 and at most 6");
  const auto absent = parsed->Number("after", 1, 6);
  ASSERT_TRUE(absent);
  EXPECT_EQ(*absent, std::nullopt);
  for (const char* text : {"", "x", "1x", " 1", "0", "1.5", "99999999999999999999"}) {
    const auto bad = Invocation::Parse(Words{"key", "list", "--limit", text});
    ASSERT_TRUE(bad);
    EXPECT_FALSE(bad->Number("limit", 1, std::numeric_limits<std::int64_t>::max())) << text;
  }
}

}  // namespace
}  // namespace claviger::cli
