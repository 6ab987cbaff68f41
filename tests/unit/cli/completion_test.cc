#include "cli/completion.h"

#include <gtest/gtest.h>

#include "cli/command.h"
#include "cli/completion_words.h"

namespace claviger::cli {
namespace {

TEST(Completion, OffersEveryCommandAndOptionInEveryShell) {
  const std::vector<std::string> scripts = {BashCompletion(), ZshCompletion(), FishCompletion()};
  for (const std::string& script : scripts) {
    for (const Command& command : Commands()) {
      EXPECT_NE(script.find(command.noun), std::string::npos) << command.noun;
      EXPECT_NE(script.find(command.verb), std::string::npos) << command.verb;
      for (const Option& option : command.options) {
        const bool dashed = script.find("--" + std::string(option.name)) != std::string::npos;
        const bool long_option = script.find("-l " + std::string(option.name)) != std::string::npos;
        EXPECT_TRUE(dashed || long_option) << option.name;
      }
    }
  }
}

TEST(Completion, QuotesTextsForAllThreeShells) { EXPECT_EQ(Quoted("a 'b' $c"), "'a '\\''b'\\'' $c'"); }

TEST(Completion, ListsNounsAndVerbs) {
  const auto nouns = Nouns();
  EXPECT_EQ(nouns.front(), "key");
  EXPECT_EQ(nouns.back(), "help");
  EXPECT_EQ(VerbsOf("token"), (std::vector<std::string_view>{"init", "status"}));
  EXPECT_TRUE(VerbsOf("status").empty());
}

}  // namespace
}  // namespace claviger::cli
