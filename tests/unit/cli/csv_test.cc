#include "cli/csv.h"

#include <gtest/gtest.h>

namespace claviger::cli {
namespace {

TEST(CsvLine, QuotesWhatWouldEndACell) {
  EXPECT_EQ(CsvLine({"plain", "with space", ""}), "plain,with space,\r\n");
  EXPECT_EQ(CsvLine({"a,b", "say \"x\"", "two\nlines", "cr\rlf"}),
            "\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",\"cr\rlf\"\r\n");
  EXPECT_EQ(CsvLine({""}), "\r\n");
}

TEST(CsvLine, LetsNoCellBecomeAFormula) {
  EXPECT_EQ(CsvLine({"=1+1", "+1", "-1", "@x", "\tx"}), "'=1+1,'+1,'-1,'@x,'\tx\r\n");
  EXPECT_EQ(CsvLine({"=HYPERLINK(\"x\",1)"}), "\"'=HYPERLINK(\"\"x\"\",1)\"\r\n");
  EXPECT_EQ(CsvLine({"1-1", "a=b", "x@y"}), "1-1,a=b,x@y\r\n");
}

}  // namespace
}  // namespace claviger::cli
