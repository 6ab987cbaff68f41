#include "daemon/keys/crc32.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace claviger::keys {
namespace {

std::uint32_t OfZlib(std::string_view text) {
  return static_cast<std::uint32_t>(
      ::crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
}

TEST(Crc32, GivesTheCheckValueOfItsDefinition) {
  EXPECT_EQ(Crc32(""), 0U);
  EXPECT_EQ(Crc32("123456789"), 0xCBF43926U);
  EXPECT_EQ(Crc32("The quick brown fox jumps over the lazy dog"), 0x414FA339U);
}

TEST(Crc32, IsZlibsForEveryLengthAndAlignment) {
  std::mt19937 random(32);
  for (std::size_t length = 0; length <= 300; ++length) {
    for (std::size_t start = 0; start < 16; ++start) {
      // Exactly as long as it must be, so that a sanitizer sees who reads further.
      std::vector<char> bytes(start + length);
      std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(random()); });
      const std::string_view text(bytes.data() + start, length);
      ASSERT_EQ(Crc32(text), OfZlib(text)) << length;
    }
  }
}

TEST(Crc32, IsZlibsForTextsOfOneByteRepeated) {
  for (const char byte : {'\0', '\xff', '0'}) {
    for (std::size_t length = 0; length <= 300; ++length) {
      const std::string text(length, byte);
      ASSERT_EQ(Crc32(text), OfZlib(text)) << length;
    }
  }
}

}  // namespace
}  // namespace claviger::keys
