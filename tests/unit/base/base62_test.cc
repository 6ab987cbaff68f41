#include "base/base62.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace claviger {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

std::string Encode(const std::vector<std::uint8_t>& bytes) {
  std::string text(Base62Width(bytes.size()), '?');
  EncodeBase62(bytes, text);
  return text;
}

// The next number of the same width as text, as a person would count.
std::string PlusOne(std::string text) {
  for (std::size_t i = text.size(); i-- > 0;) {
    const std::size_t digit = kAlphabet.find(text[i]);
    text[i] = kAlphabet[(digit + 1) % 62];
    if (digit != 61) break;
  }
  return text;
}

TEST(Base62, WidthIsTheFewestCharactersThatHoldTheBytes) {
  for (std::size_t bytes = 1; bytes <= 32; ++bytes) {
    const double exact = 8.0 * static_cast<double>(bytes) / std::log2(62.0);
    EXPECT_EQ(Base62Width(bytes), static_cast<std::size_t>(std::ceil(exact))) << bytes;
  }
}

TEST(Base62, EncodesKnownNumbers) {
  EXPECT_EQ(Encode({0, 0, 0, 0}), "000000");
  EXPECT_EQ(Encode({0, 0, 0, 1}), "000001");
  EXPECT_EQ(Encode({0, 0, 0, 9}), "000009");
  EXPECT_EQ(Encode({0, 0, 0, 10}), "00000A");
  EXPECT_EQ(Encode({0, 0, 0, 35}), "00000Z");
  EXPECT_EQ(Encode({0, 0, 0, 36}), "00000a");
  EXPECT_EQ(Encode({0, 0, 0, 61}), "00000z");
  EXPECT_EQ(Encode({0, 0, 0, 62}), "000010");
  EXPECT_EQ(Encode({0, 0, 0x0F, 0x04}), "000100");  // 62 * 62 = 3844
  EXPECT_EQ(Encode({0xFF, 0xFF, 0xFF, 0xFF}), "4gfFC3");
  EXPECT_EQ(Encode(std::vector<std::uint8_t>(12, 0)), std::string(17, '0'));
  EXPECT_EQ(Encode(std::vector<std::uint8_t>(32, 0)), std::string(43, '0'));
}

TEST(Base62, RoundTripsRandomNumbersOfEveryWidth) {
  std::mt19937_64 random(62);
  for (std::size_t bytes = 1; bytes <= 32; ++bytes) {
    for (int round = 0; round < 300; ++round) {
      std::vector<std::uint8_t> value(bytes), decoded(bytes);
      std::generate(value.begin(), value.end(), [&] { return static_cast<std::uint8_t>(random()); });
      const std::string text = Encode(value);
      ASSERT_TRUE(DecodeBase62(text, decoded)) << text;
      ASSERT_EQ(decoded, value) << text;
    }
  }
}

TEST(Base62, TakesTheLargestNumberAndRefusesTheNext) {
  for (std::size_t bytes = 1; bytes <= 32; ++bytes) {
    const std::vector<std::uint8_t> largest(bytes, 0xFF);
    std::vector<std::uint8_t> decoded(bytes);
    const std::string text = Encode(largest);
    EXPECT_TRUE(DecodeBase62(text, decoded));
    EXPECT_EQ(decoded, largest);
    EXPECT_FALSE(DecodeBase62(PlusOne(text), decoded)) << bytes;
    EXPECT_FALSE(DecodeBase62(std::string(text.size(), 'z'), decoded)) << bytes;
  }
}

TEST(Base62, TextSortsAsTheNumbersDo) {
  std::mt19937_64 random(7);
  std::vector<std::vector<std::uint8_t>> values(500, std::vector<std::uint8_t>(12));
  for (auto& value : values) {
    std::generate(value.begin(), value.end(), [&] { return static_cast<std::uint8_t>(random()); });
  }
  std::sort(values.begin(), values.end());
  for (std::size_t i = 1; i < values.size(); ++i) EXPECT_LT(Encode(values[i - 1]), Encode(values[i]));
}

TEST(Base62, RefusesEveryByteOutsideTheAlphabetAtEveryPlace) {
  std::vector<std::uint8_t> decoded(12);
  for (std::size_t place = 0; place < 17; ++place) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text(17, '0');
      text[place] = static_cast<char>(byte);
      const std::size_t digit = kAlphabet.find(static_cast<char>(byte));
      const bool fits = digit != std::string_view::npos && (place > 0 || digit == 0);
      if (place == 0 && digit != std::string_view::npos && !fits)
        continue;  // its own test: the largest number
      EXPECT_EQ(DecodeBase62(text, decoded), fits) << place << ' ' << byte;
    }
  }
}

TEST(Base62, RefusesAnyOtherLength) {
  std::vector<std::uint8_t> decoded(12);
  EXPECT_FALSE(DecodeBase62("", decoded));
  EXPECT_FALSE(DecodeBase62(std::string(16, '0'), decoded));
  EXPECT_FALSE(DecodeBase62(std::string(18, '0'), decoded));
  std::vector<std::uint8_t> too_wide(33);
  EXPECT_FALSE(DecodeBase62(std::string(Base62Width(33), '0'), too_wide));
}

TEST(Base62, ARefusalLeavesTheOutputAsItWas) {
  std::vector<std::uint8_t> decoded(4, 0xAB);
  EXPECT_FALSE(DecodeBase62("zzzzzz", decoded));
  EXPECT_FALSE(DecodeBase62("00000!", decoded));
  EXPECT_EQ(decoded, std::vector<std::uint8_t>(4, 0xAB));
}

}  // namespace
}  // namespace claviger
