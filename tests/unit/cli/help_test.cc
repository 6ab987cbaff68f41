#include "cli/help.h"

#include <gtest/gtest.h>

#include <sstream>
#include <vector>

#include "cli/completion_words.h"

namespace claviger::cli {
namespace {

std::vector<std::string> AllHelp() {
  std::vector<std::string> pages = {HelpOnEverything(), HelpOnNoun("key")};
  for (const Command& command : Commands()) pages.push_back(HelpOnCommand(command));
  return pages;
}

TEST(Help, FitsEightyColumns) {
  for (const std::string& page : AllHelp()) {
    std::istringstream lines(page);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST(Help, NamesEveryCommandWithASummary) {
  const std::string help = HelpOnEverything();
  for (const Command& command : Commands()) {
    EXPECT_NE(help.find("  " + NameOf(command) + " "), std::string::npos) << NameOf(command);
    EXPECT_FALSE(command.summary.empty());
  }
}

TEST(Help, OnACommandNamesItsOptionsAndHasAnExample) {
  for (const Command& command : Commands()) {
    const std::string help = HelpOnCommand(command);
    for (const Option& option : command.options) {
      EXPECT_NE(help.find("--" + std::string(option.name)), std::string::npos) << NameOf(command);
    }
    ASSERT_FALSE(command.examples.empty()) << NameOf(command);
    for (const std::string_view example : command.examples) {
      EXPECT_NE(help.find(example), std::string::npos);
      EXPECT_NE(example.find("claviger " + NameOf(command)), std::string_view::npos) << example;
    }
  }
}

TEST(Help, ShowsWhetherAnArgumentIsOptionalOrRepeatable) {
  EXPECT_EQ(UsageOf({"KEY_ID"}), "KEY_ID");
  EXPECT_EQ(UsageOf({"KEY_ID", ValueKind::kKeyId, false, true}), "KEY_ID...");
  EXPECT_EQ(UsageOf({"KEY_ID", ValueKind::kKeyId, true, false}), "[KEY_ID]");
  EXPECT_NE(HelpOnCommand(*FindCommand("key", "revoke")).find("claviger key revoke [KEY_ID]..."),
            std::string::npos);
}

TEST(CommandTable, CompletesEveryOptionWithItsOwnKindOfValue) {
  const std::vector<ValueOption> completed = OptionsWithValues();
  for (const Command& command : Commands()) {
    for (const Option& option : command.options) {
      if (option.value.empty()) continue;
      std::size_t rows = 0;
      for (const ValueOption& row : completed) {
        if (row.option.name != option.name) continue;
        if (!row.command.empty() && row.command != NameOf(command)) continue;
        EXPECT_EQ(row.option.kind, option.kind) << NameOf(command) << " --" << option.name;
        ++rows;
      }
      EXPECT_EQ(rows, 1U) << NameOf(command) << " --" << option.name;
    }
  }
}

TEST(CommandTable, HasJsonOnEveryRead) {
  for (const Command& command : Commands()) {
    const bool read = command.verb == "list" || command.verb == "show" || command.verb == "verify" ||
                      command.verb == "status" || command.noun == "status" || command.noun == "doctor";
    if (!read) continue;
    EXPECT_NE(FindOption(command, "json"), nullptr) << NameOf(command);
  }
}

}  // namespace
}  // namespace claviger::cli
