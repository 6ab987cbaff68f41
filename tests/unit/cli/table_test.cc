#include "cli/table.h"

#include <gtest/gtest.h>

namespace claviger::cli {
namespace {

std::vector<Column> ThreeColumns() { return {{"id", 0}, {"name", 0, true}, {"note", 1}}; }

std::string RenderAt(std::size_t width, const std::string& name) {
  Terminal terminal;
  terminal.width = width;
  terminal.utf8 = true;
  Table table(ThreeColumns(), terminal);
  table.AddRow({{"1"}, {name}, {"first"}});
  table.AddRow({{"22"}, {"b"}, {"second"}});
  return table.Render();
}

TEST(Table, AlignsColumnsAndLeavesNoSpacesAtTheEnd) {
  EXPECT_EQ(RenderAt(80, "a"),
            "id  name  note\n"
            "1   a     first\n"
            "22  b     second\n");
}

TEST(Table, AlignsWideAndCombiningCharacters) {
  EXPECT_EQ(RenderAt(80, "\xE6\x97\xA5\xE6\x9C\xAC"),
            "id  name  note\n"
            "1   \xE6\x97\xA5\xE6\x9C\xAC  first\n"
            "22  b     second\n");
  EXPECT_EQ(RenderAt(80, "e\xCC\x81"),
            "id  name  note\n"
            "1   e\xCC\x81     first\n"
            "22  b     second\n");
}

TEST(Table, ShortensALongNameBeforeItDropsAColumn) {
  const std::string rendered = RenderAt(40, std::string(60, 'n'));
  EXPECT_EQ(rendered.substr(0, rendered.find('\n')).find("note"), 34U);
  EXPECT_NE(rendered.find("n\xE2\x80\xA6  first"), std::string::npos);
}

TEST(Table, DropsTheLeastImportantColumnAndShortensWhatIsLeft) {
  EXPECT_EQ(RenderAt(14, std::string(60, 'n')),
            "id  name\n"
            "1   nnnnnnnnn\xE2\x80\xA6\n"
            "22  b\n");
}

TEST(Table, ShortensNothingWithoutATerminal) {
  EXPECT_NE(RenderAt(kUnlimitedWidth, std::string(600, 'n')).find(std::string(600, 'n') + "  first"),
            std::string::npos);
}

TEST(Table, KeepsColumnsOverPagesAndWritesTitlesOnce) {
  Terminal terminal;
  terminal.width = 20;
  Table table(ThreeColumns(), terminal);
  table.AddRow({{"1"}, {"a"}, {"x"}});
  EXPECT_EQ(table.Render(), "id  name  note\n1   a     x\n");
  EXPECT_TRUE(table.empty());
  table.AddRow({{"2"}, {"a longer name"}, {"y"}});
  EXPECT_EQ(table.Render(), "2   a l~  y\n");
}

TEST(Table, ColoursOnlyWhereColoursAreWanted) {
  Terminal terminal;
  terminal.color = true;
  Table table({{"state", 0}}, terminal);
  table.AddRow({{"ok", Style::kGood}});
  EXPECT_EQ(table.Render(), "\x1b[1mstate\x1b[0m\n\x1b[32mok\x1b[0m\n");
}

TEST(Style, HasAMeaningForEveryState) {
  EXPECT_EQ(StyleOfState("active"), Style::kGood);
  EXPECT_EQ(StyleOfState("pending"), Style::kAttention);
  EXPECT_EQ(StyleOfState("expired"), Style::kFaint);
  EXPECT_EQ(StyleOfState("revoked"), Style::kBad);
  EXPECT_EQ(StyleOfState("failed"), Style::kBad);
  EXPECT_EQ(Styled("x", Style::kBad, false), "x");
}

}  // namespace
}  // namespace claviger::cli
