// The table of settings, the shipped claviger.toml and claviger.toml(5) must say the same.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "daemon/setting.h"
#include "tests/unit/config/fixed_accounts.h"

namespace claviger {
namespace {

std::string Read(const std::string& path) {
  std::ifstream file(std::string(CLAVIGER_SOURCE) + "/" + path);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << path;
  return text.str();
}

struct Entry {
  std::string table, name, value;
  friend bool operator==(const Entry&, const Entry&) = default;
};

void PrintTo(const Entry& entry, std::ostream* out) {
  *out << "[" << entry.table << "] " << entry.name << " = " << entry.value;
}

// What a reader of the table would write to get the defaults.
std::vector<Entry> Defaults() {
  std::vector<Entry> entries;
  for (const Setting& setting : Settings()) {
    std::string value = FormatSetting(setting, Config());
    if (!setting.default_members.empty()) {
      value = fmt::format("[\"{}\"]", fmt::join(setting.default_members, "\", \""));
    }
    entries.push_back({std::string(setting.table), std::string(setting.name), value});
  }
  return entries;
}

// The commented-out lines "#[table]" and "#name = value".
std::vector<Entry> Example() {
  static const std::regex kTable(R"(#\[(\w+)\])");
  static const std::regex kSetting(R"(#(\w+) = (.*))");
  std::vector<Entry> entries;
  std::string table;
  std::istringstream lines(Read("contrib/claviger.toml"));
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, kTable)) {
      table = match[1];
    } else if (std::regex_match(line, match, kSetting)) {
      entries.push_back({table, match[1], match[2]});
    }
  }
  return entries;
}

TEST(SettingDocumentation, TheExampleShowsEverySettingWithItsDefaultInTheTablesOrder) {
  EXPECT_THAT(Example(), testing::ElementsAreArray(Defaults()));
}

TEST(SettingDocumentation, TheExampleIsAcceptedAsItIs) {
  const auto config = ParseConfig(Read("contrib/claviger.toml"), "claviger.toml", FixedAccounts());
  ASSERT_TRUE(config) << config.error().message();
}

TEST(SettingDocumentation, TheExampleWithAllItsSettingsInForceEqualsTheDefaults) {
  std::string text;
  std::string table;
  for (const Entry& entry : Example()) {
    if (entry.table != table) text += fmt::format("[{}]\n", table = entry.table);
    text += fmt::format("{} = {}\n", entry.name, entry.value);
  }
  const auto written = ParseConfig(text, "claviger.toml", FixedAccounts());
  ASSERT_TRUE(written) << written.error().message();
  const auto defaults = ParseConfig("", "claviger.toml", FixedAccounts());
  ASSERT_TRUE(defaults);
  for (const Setting& setting : Settings()) {
    EXPECT_EQ(FormatSetting(setting, *written), FormatSetting(setting, *defaults)) << setting.name;
  }
}

TEST(SettingDocumentation, TheExampleSaysRestartWhereAReloadIsNotEnough) {
  const std::string text = Read("contrib/claviger.toml");
  for (const Setting& setting : Settings()) {
    const auto table = text.find(fmt::format("#[{}]\n", setting.table));
    const auto line = text.find(fmt::format("\n#{} = ", setting.name), table);
    ASSERT_NE(line, std::string::npos) << setting.name;
    const auto comment = text.substr(0, line).rfind("\n\n");
    const bool says_restart = text.substr(comment, line - comment).find("(restart)") != std::string::npos;
    EXPECT_EQ(says_restart, setting.takes_effect == SettingEffect::kOnRestart) << setting.name;
  }
}

// ".It Ic name = value" below ".Ss [table]".
TEST(SettingDocumentation, TheManualShowsEverySettingWithItsDefaultInTheTablesOrder) {
  static const std::regex kTable(R"(\.Ss \[(\w+)\])");
  static const std::regex kSetting(R"(\.It Ic (\w+) = (.*))");
  std::vector<Entry> entries;
  std::string table;
  std::istringstream lines(Read("man/claviger.toml.5"));
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, kTable)) {
      table = match[1];
    } else if (std::regex_match(line, match, kSetting)) {
      entries.push_back(
          {table, match[1], std::regex_replace(match[2].str(), std::regex(R"(\\&|\\\(dq)"), "\"")});
    }
  }
  EXPECT_THAT(entries, testing::ElementsAreArray(Defaults()));
}

}  // namespace
}  // namespace claviger
