#include "cli/html.h"

#include <gtest/gtest.h>

namespace claviger::cli {
namespace {

TEST(Html, LeavesNoWayOutOfAnElementOrAttribute) {
  EXPECT_EQ(Html("a & b"), "a &amp; b");
  EXPECT_EQ(Html("<b>\"x\"</b>"), "&lt;b&gt;&quot;x&quot;&lt;/b&gt;");
  EXPECT_EQ(Html("\xE2\x80\xAE\x1b"), "\\u{202E}\\u{1B}");
  EXPECT_EQ(Html("\xff"), "\\x{FF}");
}

TEST(Bars, AreAsLongAsTheirShareOfTheLongest) {
  const std::string table =
      BarTable("t", {{"a", "", {{10, "plain"}}}, {"b", "", {{2, "plain"}, {3, "bad"}}}});
  EXPECT_NE(table.find("class=\"plain\" x=\"0.0\" y=\"0\" width=\"1000.0\""), std::string::npos) << table;
  EXPECT_NE(table.find("class=\"plain\" x=\"0.0\" y=\"0\" width=\"200.0\""), std::string::npos) << table;
  EXPECT_NE(table.find("class=\"bad\" x=\"200.0\" y=\"0\" width=\"300.0\""), std::string::npos) << table;
  EXPECT_NE(table.find(">5</td>"), std::string::npos);
}

TEST(Bars, EscapeTheirTexts) {
  const std::vector<Bar> bars = {{"<a>", "\"<b>", {{1, "plain"}}}};
  for (const std::string& picture : {BarTable("<t>", bars), ColumnChart("<t>", bars)}) {
    EXPECT_EQ(picture.find("<a>"), std::string::npos);
    EXPECT_EQ(picture.find("<b>"), std::string::npos);
    EXPECT_EQ(picture.find("<t>"), std::string::npos);
    EXPECT_NE(picture.find("&lt;a&gt;"), std::string::npos);
  }
}

TEST(Bars, CanBeNoneOrNothingOrWrong) {
  EXPECT_EQ(BarTable("t", {}).find("<tr"), std::string::npos);
  EXPECT_EQ(ColumnChart("t", {}).find("<rect"), std::string::npos);
  EXPECT_EQ(ColumnChart("t", {{"a", "", {{0, "plain"}}}, {"b", "", {{-5, "plain"}}}}).find("<rect"),
            std::string::npos);
  EXPECT_EQ((Bar{"a", "", {{-5, "plain"}, {3, "bad"}}}.total()), 3);
}

}  // namespace
}  // namespace claviger::cli
