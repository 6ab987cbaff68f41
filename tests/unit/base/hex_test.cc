#include "base/hex.h"

#include <gtest/gtest.h>

#include <array>

namespace claviger {
namespace {

TEST(Hex, ReadsBackEveryByteThatItWrites) {
  for (int value = 0; value < 256; ++value) {
    const std::array<std::uint8_t, 2> bytes = {static_cast<std::uint8_t>(value), 0x0f};
    std::array<std::uint8_t, 2> read = {};
    ASSERT_TRUE(FromHex(ToHex(bytes), read));
    EXPECT_EQ(read, bytes);
  }
  EXPECT_EQ(ToHex({}), "");
}

TEST(Hex, RefusesOtherDigitsAndLengthsAndWritesNothingThen) {
  for (const char* text : {"", "00f", "00f00", "00F0", "00g0", " 0f0", "0x00"}) {
    std::array<std::uint8_t, 2> bytes = {1, 2};
    EXPECT_FALSE(FromHex(text, bytes)) << text;
    EXPECT_EQ(bytes, (std::array<std::uint8_t, 2>{1, 2})) << text;
    EXPECT_FALSE(IsHex(text, 4)) << text;
  }
  EXPECT_TRUE(IsHex("00f0", 4));
}

}  // namespace
}  // namespace claviger
