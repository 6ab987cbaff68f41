#include <gtest/gtest.h>

#include <random>
#include <string>

#include "daemon/store/key_repository.h"

namespace claviger::store {
namespace {

TEST(KeyCursorTest, ItsTextReadsBackAsTheSameCursor) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  for (const std::int64_t ref : {std::int64_t{0}, std::int64_t{1}, std::int64_t{-7}, INT64_MAX, INT64_MIN}) {
    for (const auto& value : std::initializer_list<std::variant<std::int64_t, std::string>>{
             std::int64_t{0}, std::int64_t{-1}, INT64_MIN, INT64_MAX, std::string(), std::string("key 1"),
             std::string(128, '\xff'), bytes}) {
      const KeyCursor cursor{ref, value};
      const std::string text = cursor.ToString();
      EXPECT_EQ(text.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz.-"), std::string::npos) << text;
      const auto parsed = KeyCursor::Parse(text);
      ASSERT_TRUE(parsed) << text;
      EXPECT_EQ(parsed->ref, ref);
      EXPECT_EQ(parsed->value, value);
    }
  }
}

TEST(KeyCursorTest, RefusesEveryOtherText) {
  for (const char* text : {"",
                           ".",
                           "1",
                           "1.",
                           ".1",
                           "1.2.3",
                           "01.2",
                           "1.02",
                           "+1.2",
                           "1.+2",
                           "1.-0",
                           "-0.1",
                           " 1.2",
                           "1.2 ",
                           "1.2\n",
                           "0x1.2",
                           "1.2e3",
                           "1.xg0",
                           "1.xA0",
                           "1.xa",
                           "1.X61",
                           "1.x6 1",
                           "1.x-1",
                           "a.1",
                           "1,2",
                           "9223372036854775808.1",
                           "1.9223372036854775808",
                           "1.-9223372036854775809",
                           "1.x61.x61",
                           "x61.1"}) {
    EXPECT_FALSE(KeyCursor::Parse(text)) << text;
  }
  EXPECT_FALSE(KeyCursor::Parse(std::string_view("1.2\0", 4)));
}

TEST(KeyCursorTest, RefusesMoreThanSixHundredBytes) {
  EXPECT_TRUE(KeyCursor::Parse("12.x" + std::string(596, '6')));
  EXPECT_FALSE(KeyCursor::Parse("12.x" + std::string(598, '6')));
  EXPECT_FALSE(KeyCursor::Parse("1." + std::string(100000, '1')));
}

// Texts that are near to right ones, and whatever else: what is taken must be exactly what ToString makes.
TEST(KeyCursorTest, WhateverItTakesItWouldHaveWritten) {
  std::mt19937 random(3);
  static constexpr std::string_view kBytes = "0123456789abcdefx.-+ A\n";
  int taken = 0;
  for (int round = 0; round < 200000; ++round) {
    KeyCursor cursor{static_cast<std::int64_t>(random() % 3000), static_cast<std::int64_t>(random() % 300)};
    if (random() % 2 == 0) cursor.value = std::string(random() % 5, static_cast<char>(random() % 256));
    std::string text = cursor.ToString();
    for (std::size_t change = random() % 3; change > 0; --change) {
      const std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = kBytes[random() % kBytes.size()];
          break;
        case 1:
          text.insert(at, 1, static_cast<char>(random() % 256));
          break;
        default:
          text.erase(at, 1);
      }
      if (text.empty()) break;
    }
    if (const auto parsed = KeyCursor::Parse(text)) {
      ++taken;
      ASSERT_EQ(parsed->ToString(), text);
    }
  }
  EXPECT_GT(taken, 50000);
  EXPECT_LT(taken, 200000);
}

}  // namespace
}  // namespace claviger::store
