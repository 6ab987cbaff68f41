#include "cli/key_lines.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/clock.h"
#include "cli/key_line.h"
#include "tests/unit/cli/temporary_root.h"

namespace claviger::cli {
namespace {

constexpr UnixSeconds kLinesTime = 1'800'000'000;

Outcome<KeyLines> ReadText(const TemporaryRoot& root, const std::string& text) {
  std::ofstream(root.path() + "/keys", std::ios::binary) << text;
  return KeyLines::Read(root.path() + "/keys");
}

TEST(KeyLines, CountsEmptyLinesAndTrimsTheOthers) {
  const TemporaryRoot root;
  const auto input = ReadText(root, "\n  {\"a\": 1}\t\r\n\n{}");
  ASSERT_TRUE(input);
  ASSERT_EQ(input->lines().size(), 2U);
  EXPECT_EQ(input->lines()[0].number, 2U);
  EXPECT_EQ(input->lines()[0].text, "{\"a\": 1}");
  EXPECT_EQ(input->lines()[1].number, 4U);
}

TEST(KeyLines, GivesALineTheSameIdWhereverItStandsAndNoTwoTheSame) {
  const TemporaryRoot root;
  const auto first = ReadText(root, "a\nb\na\n");
  const auto second = ReadText(root, "c\na\nb\na\na\n");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->lines()[0].id, second->lines()[1].id);
  EXPECT_EQ(first->lines()[1].id, second->lines()[2].id);
  EXPECT_EQ(first->lines()[2].id, second->lines()[3].id);
  EXPECT_NE(first->lines()[0].id, first->lines()[2].id);
  EXPECT_NE(second->lines()[3].id, second->lines()[4].id);
  EXPECT_EQ(first->lines()[0].id, "af63dc4c8601ec8c-1") << "files of earlier runs go by it";
}

TEST(KeyLine, BecomesTheParametersOfCreateKey) {
  KeyLineReader reader;
  const auto read = reader.Read(
      R"({"name": "n", "scopes": ["a", "b"], "expires": "7d", "not_before": "2027-12-24", "owner": "o", "team": "t"})",
      kLinesTime);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(boost::json::value(*read), boost::json::value({{"name", "n"},
                                                           {"scopes", {"a", "b"}},
                                                           {"lifetime", 7 * 86400},
                                                           {"not_before", "2027-12-24T00:00:00Z"},
                                                           {"owner", "o"},
                                                           {"team", "t"}}));
  const auto dated = reader.Read(R"({"name": "n", "bundles": ["x"], "expires": "2027-12-24"})", kLinesTime);
  ASSERT_TRUE(dated);
  EXPECT_EQ(dated->at("expires_at"), "2027-12-24T23:59:59Z");
}

TEST(KeyLine, RefusesWhatIsNotOneObjectOfKnownMembers) {
  KeyLineReader reader;
  for (const char* text :
       {"", "x", "1", "[]", "null", "{}", R"({"name": "n")", R"({"name": "n", "scopes": ["a"]} {})",
        R"({"name": "n", "scopes": ["a"], "scopes": ["b"]})", R"({"name": "n", "scopes": []})",
        R"({"name": "n", "scopes": {"a": 1}})", R"({"name": "n", "scopes": ["a", null]})",
        R"({"name": ["n"], "scopes": ["a"]})", R"({"name": "a\u202eb", "scopes": ["a"]})",
        R"({"name": "n", "scopes": ["a"], "expires": 7})",
        R"({"name": "n", "scopes": ["a"], "not_before": "x"})",
        "{\"name\": \"\xff\", \"scopes\": [\"a\"]}"}) {
    const auto read = reader.Read(text, kLinesTime);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code(), ErrorCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace claviger::cli
