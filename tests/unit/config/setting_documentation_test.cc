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

// What a document shows: the tables' settings with their defaults, and the lists' with examples.
struct Shown {
  std::vector<Entry> settings, list_settings;
};

Shown Find(const std::string& path, const std::regex& header, const std::regex& setting) {
  Shown shown;
  std::string table;
  std::istringstream lines(Read(path));
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, header)) {
      table = match[1];
    } else if (std::regex_match(line, match, setting)) {
      const std::string value = std::regex_replace(match[2].str(), std::regex(R"(\\&|\\\(dq)"), "\"");
      const bool listed = table.starts_with('[');
      const std::string name = listed ? table.substr(1, table.size() - 2) : table;
      (listed ? shown.list_settings : shown.settings).push_back({name, match[1], value});
    }
  }
  return shown;
}

// The commented-out lines "#[table]" or "#[[table]]", and "#name = value".
Shown Example() {
  static const std::regex kTable(R"(#\[(\[?\w+\]?)\])");
  static const std::regex kSetting(R"(#(\w+) = (.*))");
  return Find("contrib/claviger.toml", kTable, kSetting);
}

// ".It Ic name = value" below ".Ss [table]" or ".Ss [[table]]".
Shown Manual() {
  static const std::regex kTable(R"(\.Ss \[(\[?\w+\]?)\])");
  static const std::regex kSetting(R"(\.It Ic (\w+) = (.*))");
  return Find("man/claviger.toml.5", kTable, kSetting);
}

std::vector<std::string> NamesOf(const std::vector<Entry>& entries) {
  std::vector<std::string> names;
  for (const Entry& entry : entries) names.push_back(entry.table + " " + entry.name);
  return names;
}

// `entries` as they would stand in the file, below their tables.
std::string Written(const std::vector<Entry>& entries, std::string_view header) {
  std::string text;
  std::string table;
  for (const Entry& entry : entries) {
    if (entry.table != table) text += fmt::format(fmt::runtime(header), table = entry.table);
    text += fmt::format("{} = {}\n", entry.name, entry.value);
  }
  return text;
}

TEST(SettingDocumentation, TheExampleShowsEverySettingWithItsDefaultInTheTablesOrder) {
  EXPECT_THAT(Example().settings, testing::ElementsAreArray(Defaults()));
}

TEST(SettingDocumentation, TheExampleShowsEverySettingOfEveryListInTheirOrder) {
  std::vector<std::string> names;
  for (const SettingList& list : SettingLists()) {
    for (const Setting& setting : list.settings)
      names.push_back(fmt::format("{} {}", list.table, setting.name));
  }
  EXPECT_THAT(NamesOf(Example().list_settings), testing::ElementsAreArray(names));
}

TEST(SettingDocumentation, TheExamplesOfTheListsAreAccepted) {
  FixedAccounts accounts;
  accounts.groups["platform"] = 950;
  const auto config = ParseConfig(Written(Example().list_settings, "[[{}]]\n"), "claviger.toml", accounts);
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(config->policy.rules.size(), 1u);
  EXPECT_EQ(config->ceilings.size(), 1u);
  EXPECT_EQ(config->notices.commands.size(), 1u);
}

TEST(SettingDocumentation, TheManualShowsTheSameExamplesOfTheLists) {
  EXPECT_THAT(Manual().list_settings, testing::ElementsAreArray(Example().list_settings));
}

TEST(SettingDocumentation, TheManualNamesTheLimitsOfTheLists) {
  const std::string text = Read("man/claviger.toml.5");
  for (const SettingList& list : SettingLists()) {
    const auto section = text.find(fmt::format(".Ss [[{}]]\n", list.table));
    ASSERT_NE(section, std::string::npos) << list.table;
    const std::string head = text.substr(section, text.find(".Bl", section) - section);
    EXPECT_THAT(head, testing::HasSubstr(fmt::format("t most {} {}s.", list.most, list.table)));
  }
}

TEST(SettingDocumentation, TheManualNamesEveryEvent) {
  const std::string text = Read("man/claviger.toml.5");
  for (std::size_t i = 0; i < keys::kEvents; ++i) {
    EXPECT_THAT(text,
                testing::HasSubstr(fmt::format(".Li {}", keys::EventName(static_cast<keys::Event>(i)))));
  }
}

TEST(SettingDocumentation, TheExampleIsAcceptedAsItIs) {
  const auto config = ParseConfig(Read("contrib/claviger.toml"), "claviger.toml", FixedAccounts());
  ASSERT_TRUE(config) << config.error().message();
}

TEST(SettingDocumentation, TheExampleWithAllItsSettingsInForceEqualsTheDefaults) {
  const auto written = ParseConfig(Written(Example().settings, "[{}]\n"), "claviger.toml", FixedAccounts());
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

TEST(SettingDocumentation, TheManualShowsEverySettingWithItsDefaultInTheTablesOrder) {
  EXPECT_THAT(Manual().settings, testing::ElementsAreArray(Defaults()));
}

}  // namespace
}  // namespace claviger
