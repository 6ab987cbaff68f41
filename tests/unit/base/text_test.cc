#include "base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace claviger {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// `character` as UTF-8, also where UTF-8 does not allow it.
std::string Utf8(char32_t character) {
  const auto byte = [](char32_t value) { return static_cast<char>(static_cast<std::uint8_t>(value)); };
  if (character < 0x80) return {byte(character)};
  if (character < 0x800) return {byte(0xC0 | character >> 6), byte(0x80 | (character & 0x3F))};
  if (character < 0x10000) {
    return {byte(0xE0 | character >> 12), byte(0x80 | (character >> 6 & 0x3F)),
            byte(0x80 | (character & 0x3F))};
  }
  return {byte(0xF0 | character >> 18), byte(0x80 | (character >> 12 & 0x3F)),
          byte(0x80 | (character >> 6 & 0x3F)), byte(0x80 | (character & 0x3F))};
}

const std::vector<char32_t> kRefusedCharacters = {
    0x00,   0x07,   0x09,   0x0A,   0x0D,   0x1B,   0x1F,   0x7F,   0x80,   0x85,   0x9B,   0x9F,   0xAD,
    0x61C,  0x180E, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A, 0x202B, 0x202C, 0x202D,
    0x202E, 0x2060, 0x2066, 0x2067, 0x2068, 0x2069, 0xFEFF, 0xFFF9, 0xFFFE, 0xFFFF, 0xE0001};

// Each is not UTF-8 (RFC 3629).
const std::vector<std::string> kInvalid = {
    "\x80",              // a continuation alone
    "\xC0\xAF",          // overlong /
    "\xC1\xBF",          // overlong
    "\xE0\x80\xAF",      // overlong /
    "\xF0\x80\x80\xAF",  // overlong /
    "\xED\xA0\x80",      // surrogate
    "\xED\xBF\xBF",      // surrogate
    "\xF4\x90\x80\x80",  // past U+10FFFF
    "\xF5\x80\x80\x80",
    "\xFE",
    "\xFF",
    "\xC3",          // cut off
    "\xE2\x82",      // cut off
    "\xF0\x9F\x98",  // cut off
    "\xE2\x28\xA1",
};

TEST(CheckText, TakesPrintableTextOfAnyScript) {
  for (const char* text :
       {"deploy", "read only demo", "a", "Größe", "ключ", "鍵", "مفتاح", "मेरी कुंजी", "key 🔑", "a\\b\"c'"}) {
    EXPECT_TRUE(CheckText("name", text)) << text;
  }
}

TEST(CheckText, JudgesEverySingleByte) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = std::string("a") + static_cast<char>(byte) + "b";
    EXPECT_EQ(CheckText("name", text).has_value(), byte >= 0x20 && byte < 0x7F) << byte;
  }
}

TEST(CheckText, RefusesControlBidiLineBreakingAndInvisibleCharacters) {
  for (const char32_t character : kRefusedCharacters) {
    const auto checked = CheckText("name", "a" + Utf8(character) + "b");
    ASSERT_FALSE(checked) << static_cast<std::uint32_t>(character);
    EXPECT_EQ(checked.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(checked.error().message(), StartsWith("name: "));
  }
}

TEST(CheckText, NamesTheCharacterAndItsPlace) {
  EXPECT_THAT(CheckText("owner", "ab\x1B").error().message(), HasSubstr("U+001B at byte 3"));
}

TEST(CheckText, RefusesWhatIsNotUtf8) {
  for (const std::string& bytes : kInvalid) {
    EXPECT_FALSE(CheckText("name", "ab" + bytes)) << testing::PrintToString(bytes);
    EXPECT_FALSE(CheckText("name", bytes + "ab")) << testing::PrintToString(bytes);
  }
}

TEST(CheckText, TakesOneTo128Bytes) {
  EXPECT_FALSE(CheckText("name", ""));
  EXPECT_TRUE(CheckText("name", std::string(128, 'a')));
  EXPECT_FALSE(CheckText("name", std::string(129, 'a')));
  std::string wide;
  for (int i = 0; i < 64; ++i) wide += "é";
  EXPECT_TRUE(CheckText("name", wide));
  EXPECT_FALSE(CheckText("name", wide + "a")) << "bytes count, not characters";
  EXPECT_TRUE(CheckText("description", std::string(1024, 'a'), 1024));
  EXPECT_FALSE(CheckText("description", std::string(1025, 'a'), 1024));
}

TEST(CheckText, RefusesSpacesAtEitherEnd) {
  EXPECT_FALSE(CheckText("name", " a"));
  EXPECT_FALSE(CheckText("name", "a "));
  EXPECT_FALSE(CheckText("name", " "));
  EXPECT_FALSE(CheckText("name", Utf8(0xA0) + "a"));
  EXPECT_FALSE(CheckText("name", "a" + Utf8(0x3000)));
  EXPECT_TRUE(CheckText("name", "a b"));
}

TEST(CheckOptionalText, TakesEmptyTextToo) {
  EXPECT_TRUE(CheckOptionalText("team", ""));
  EXPECT_TRUE(CheckOptionalText("team", "platform"));
  EXPECT_FALSE(CheckOptionalText("team", "\n"));
  EXPECT_FALSE(CheckOptionalText("team", std::string(129, 'a')));
}

TEST(EscapeForDisplay, LeavesPrintableTextAlone) {
  EXPECT_EQ(EscapeForDisplay("read only 鍵 🔑 é"), "read only 鍵 🔑 é");
  EXPECT_EQ(EscapeForDisplay(""), "");
}

TEST(EscapeForDisplay, ShowsControlCharactersByNumber) {
  EXPECT_EQ(EscapeForDisplay("a\x1B[31m\n"), "a\\u{1B}[31m\\u{0A}");
  EXPECT_EQ(EscapeForDisplay("x" + Utf8(0x202E) + "y"), "x\\u{202E}y");
  EXPECT_EQ(EscapeForDisplay(std::string("\0", 1)), "\\u{00}");
  EXPECT_EQ(EscapeForDisplay("a\xFFz\xC3"), "a\\x{FF}z\\x{C3}");
}

TEST(EscapeForDisplay, GivesTextThatCheckTextAccepts) {
  std::string everything = "<";
  for (const char32_t character : kRefusedCharacters) everything += Utf8(character);
  for (const std::string& bytes : kInvalid) everything += bytes + "/";
  const std::string shown = EscapeForDisplay(everything);
  EXPECT_TRUE(CheckText("shown", shown, shown.size())) << shown;
}

TEST(NearestOf, FindsTheLikelyMeaning) {
  const std::vector<std::string_view> candidates = {"read:policies:admin", "write:policies:admin",
                                                    "read:domains:admin"};
  EXPECT_EQ(NearestOf("read:policies:admn", candidates), "read:policies:admin");
  EXPECT_EQ(NearestOf("raed:policies:admin", candidates), "read:policies:admin");
  EXPECT_EQ(NearestOf("write:policy:admin", candidates), "write:policies:admin");
  EXPECT_EQ(NearestOf("read:domains:admin", candidates), "read:domains:admin");
}

TEST(NearestOf, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(NearestOf("delete:billing", {"read:policies:admin"}), "");
  EXPECT_EQ(NearestOf("abc", {"xyz"}), "");
  EXPECT_EQ(NearestOf("abc", {}), "");
  EXPECT_EQ(NearestOf("", {"name"}), "");
}

TEST(NearestOf, AllowsOneEditAndOneMoreForEachFourCharacters) {
  EXPECT_EQ(NearestOf("abc", {"abd"}), "abd");
  EXPECT_EQ(NearestOf("abc", {"ade"}), "");
  EXPECT_EQ(NearestOf("abcd", {"abxy"}), "abxy");
  EXPECT_EQ(NearestOf("abcd", {"axyz"}), "");
  EXPECT_EQ(NearestOf("a", {"ab"}), "ab");
  EXPECT_EQ(NearestOf("ab", {"ba"}), "ba") << "neighbours that changed places count once";
}

TEST(Trimmed, LosesWhatIsBlankAtItsEndsAlone) {
  EXPECT_EQ(Trimmed(" \t a b\tc \r"), "a b\tc");
  EXPECT_EQ(Trimmed("a"), "a");
  EXPECT_EQ(Trimmed(" \t\r"), "");
  EXPECT_EQ(Trimmed(""), "");
}

}  // namespace
}  // namespace claviger
