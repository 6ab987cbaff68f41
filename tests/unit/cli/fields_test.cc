#include "cli/fields.h"

#include <gtest/gtest.h>

namespace claviger::cli {
namespace {

TEST(Fields, PutsValuesInOneColumnAndLeavesEmptyOnesOut) {
  Fields fields;
  fields.Add("a", "1");
  fields.Add("nothing", "");
  fields.Add("long label", "2");
  fields.AddList("list", {"x", "y"});
  fields.AddList("none", {});
  EXPECT_EQ(fields.Render(Terminal(), 1),
            " a           1\n"
            " long label  2\n"
            " list        x\n"
            "             y\n");
}

TEST(Fields, BreaksLongValuesWhereTheTerminalEnds) {
  Fields fields;
  fields.Add("label", "some words that do not fit");
  Terminal terminal;
  terminal.width = 30;
  EXPECT_EQ(fields.Render(terminal),
            "label  some words that do not\n"
            "       fit\n");
}

}  // namespace
}  // namespace claviger::cli
