// claviger(1) against the command table.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "cli/command.h"
#include "cli/exit_status.h"

namespace claviger::cli {
namespace {

std::string ManualPage() {
  std::ifstream file(CLAVIGER_SOURCE "/man/claviger.1");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// From the heading line `from` to the next heading of its level, without either; "" if there is none.
std::string Section(const std::string& page, const std::string& from) {
  const std::size_t heading = page.find("\n" + from + "\n");
  if (heading == std::string::npos) return "";
  const std::size_t begin = heading + from.size() + 2;
  std::size_t end = page.find("\n.Sh ", begin - 1);
  if (from.starts_with(".Ss")) end = std::min(end, page.find("\n.Ss ", begin - 1));
  return page.substr(begin, end - begin);
}

bool HasOption(const std::string& section, const Option& option) {
  std::string line = "\n.It ";
  if (option.letter != '\0') line += std::string("Fl ") + option.letter + " , ";
  line += "Fl -" + std::string(option.name);
  line += option.value.empty() ? "\n" : " Ar " + std::string(option.value) + "\n";
  return section.find(line) != std::string::npos;
}

TEST(ManualPage, DescribesEveryCommandWithItsArgumentAndOptions) {
  const std::string page = ManualPage();
  ASSERT_FALSE(page.empty());
  for (const Command& command : Commands()) {
    const std::string section = Section(page, ".Ss claviger " + NameOf(command));
    ASSERT_FALSE(section.empty()) << NameOf(command);
    if (!command.argument.name.empty()) {
      EXPECT_NE(section.find("Ar " + std::string(command.argument.name)), std::string::npos)
          << NameOf(command);
    }
    for (const Option& option : command.options) {
      EXPECT_TRUE(HasOption(section, option)) << NameOf(command) << " --" << option.name;
    }
  }
  const std::string global = Section(page, ".Sh OPTIONS");
  for (const Option& option : GlobalOptions()) EXPECT_TRUE(HasOption(global, option)) << option.name;
}

TEST(ManualPage, DescribesNothingThatIsNotThere) {
  const std::string page = ManualPage();
  std::size_t sections = 0;
  std::size_t options = 0;
  for (std::size_t at = page.find("\n.Ss "); at != std::string::npos; at = page.find("\n.Ss ", at + 1))
    ++sections;
  for (std::size_t at = page.find("\n.It Fl "); at != std::string::npos; at = page.find("\n.It Fl ", at + 1))
    ++options;
  std::size_t known = GlobalOptions().size();
  for (const Command& command : Commands()) known += command.options.size();
  EXPECT_EQ(sections, Commands().size() + 1);  // and `claviger help`
  EXPECT_EQ(options, known);
}

TEST(ManualPage, ListsEveryExitStatus) {
  const std::string section = Section(ManualPage(), ".Sh EXIT STATUS");
  for (const ExitStatus& row : ExitStatuses()) {
    EXPECT_NE(section.find("\n.It " + std::to_string(row.status) + "\n"), std::string::npos) << row.status;
  }
  for (const TokenStateStatus& row : TokenStateStatuses()) {
    const std::string line = "\n.It " + std::to_string(row.status) + "\n.Li " + std::string(row.state);
    const bool first = section.find(line) != std::string::npos;
    const bool further = section.find("\n.Li " + std::string(row.state)) != std::string::npos;
    EXPECT_TRUE(first || (row.state == "starting" && further)) << row.state;
  }
}

}  // namespace
}  // namespace claviger::cli
