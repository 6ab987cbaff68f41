#include "cli/json_view.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace claviger::cli {
namespace {

TEST(JsonView, ReadsMembersOfTheRightType) {
  const boost::json::value value = boost::json::parse(
      R"({"text":"a\u001bb","list":["x","\u202e",7],"yes":true,"number":7,"object":{"a":1}})");
  const boost::json::object& object = value.as_object();
  EXPECT_EQ(ShownText(object, "text"), "a\\u{1B}b");
  EXPECT_EQ(ShownList(object, "list"), (std::vector<std::string>{"x", "\\u{202E}"}));
  EXPECT_TRUE(BoolOf(object, "yes"));
  EXPECT_EQ(IntOf(object, "number"), 7);
  EXPECT_EQ(ShownInt(object, "number"), "7");
  EXPECT_EQ(ObjectOf(object, "object").size(), 1U);
}

TEST(JsonView, TakesAbsentAndForeignMembersForNothing) {
  const boost::json::value value = boost::json::parse(R"({"a":null,"b":[1,{"x":2}]})");
  const boost::json::object& object = value.as_object();
  for (const char* name : {"a", "absent"}) {
    EXPECT_EQ(ShownText(object, name), "");
    EXPECT_TRUE(ShownList(object, name).empty());
    EXPECT_FALSE(BoolOf(object, name));
    EXPECT_EQ(IntOf(object, name), 0);
    EXPECT_EQ(ShownInt(object, name), "");
    EXPECT_TRUE(ObjectOf(object, name).empty());
    EXPECT_TRUE(ArrayOf(object, name).empty());
  }
  EXPECT_EQ(ObjectsOf(ArrayOf(object, "b")).size(), 1U);
}

}  // namespace
}  // namespace claviger::cli
