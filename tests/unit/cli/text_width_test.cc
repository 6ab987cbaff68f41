#include "cli/text_width.h"

#include <gtest/gtest.h>

namespace claviger::cli {
namespace {

TEST(DisplayWidth, CountsColumnsNotBytes) {
  EXPECT_EQ(DisplayWidth(""), 0U);
  EXPECT_EQ(DisplayWidth("abc"), 3U);
  EXPECT_EQ(DisplayWidth("\xC3\xA9"), 1U);              // e acute
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1U);             // e and a combining acute
  EXPECT_EQ(DisplayWidth("\xE6\x97\xA5"), 2U);          // an ideograph
  EXPECT_EQ(DisplayWidth("\xF0\x9F\x94\x91 key"), 6U);  // an emoji
}

TEST(DisplayWidth, CountsBytesThatAreNotUtf8) {
  EXPECT_EQ(DisplayWidth("\xFF"), 1U);
  EXPECT_EQ(DisplayWidth("a\xC3"), 2U);
}

TEST(Shorten, KeepsWhatFitsAndCutsBetweenCharacters) {
  EXPECT_EQ(Shorten("abc", 3, "~"), "abc");
  EXPECT_EQ(Shorten("abcd", 3, "~"), "ab~");
  EXPECT_EQ(Shorten("\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E", 4, "~"), "\xE6\x97\xA5~");
  EXPECT_EQ(Shorten("e\xCC\x81xyz", 2, "~"), "e\xCC\x81~");
  EXPECT_EQ(Shorten("abc", 1, "~"), "~");
}

TEST(WrapWords, BreaksAtSpaces) {
  EXPECT_EQ(WrapWords("one two three", 7), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(WrapWords("one two", kUnlimitedWidth), (std::vector<std::string>{"one two"}));
  EXPECT_EQ(WrapWords("abcdefgh ij", 4), (std::vector<std::string>{"abcdefgh", "ij"}));
  EXPECT_EQ(WrapWords("", 4), (std::vector<std::string>{""}));
}

}  // namespace
}  // namespace claviger::cli
