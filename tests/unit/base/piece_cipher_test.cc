#include "base/piece_cipher.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/hex.h"

namespace claviger {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Key = std::array<std::uint8_t, PieceCipher::kKeyBytes>;

Bytes BytesOf(std::string_view text) { return {text.begin(), text.end()}; }

class PieceCipherTest : public ::testing::Test {
 protected:
  PieceCipherTest() {
    key_.fill(7);
    tag_ = PieceCipher(key_).Seal(3, head_, bytes_);
  }

  Key key_{};
  const Bytes head_ = BytesOf("head"), plain_ = BytesOf("what nobody else may read");
  Bytes bytes_ = plain_;
  PieceCipher::Tag tag_;
};

// Test cases 13 and 14 of "The Galois/Counter Mode of Operation" (McGrew, Viega): key and nonce of zeros.
TEST(PieceCipher, IsAes256Gcm) {
  PieceCipher cipher(Key{});
  Bytes bytes;
  EXPECT_EQ(ToHex(cipher.Seal(0, {}, bytes)), "530f8afbc74536b9a963b4f1c4cb738b");
  bytes.resize(16);
  EXPECT_EQ(ToHex(PieceCipher(Key{}).Seal(0, {}, bytes)), "d0d1c8a799996bf0265b98b5d48ab919");
  EXPECT_EQ(ToHex(bytes), "cea7403d4d606b6e074ec5d3baf39d18");
}

TEST_F(PieceCipherTest, OpensWhatItHasSealed) {
  EXPECT_NE(bytes_, plain_);
  ASSERT_TRUE(PieceCipher(key_).Open(3, head_, bytes_, tag_));
  EXPECT_EQ(bytes_, plain_);
}

TEST_F(PieceCipherTest, SealsAndOpensInTurnAndKeepsNothingOfAFailure) {
  PieceCipher cipher(key_);
  Bytes first = plain_, second = plain_;
  const auto first_tag = cipher.Seal(10, head_, first);
  const auto second_tag = cipher.Seal(11, {}, second);
  Bytes broken = first;
  EXPECT_FALSE(cipher.Open(11, head_, broken, first_tag));
  EXPECT_TRUE(cipher.Open(11, {}, second, second_tag));
  EXPECT_TRUE(cipher.Open(10, head_, first, first_tag));
  EXPECT_EQ(first, plain_);
  EXPECT_EQ(second, plain_);
}

TEST_F(PieceCipherTest, RefusesAnotherNumberHeadOrKey) {
  Bytes bytes = bytes_;
  EXPECT_FALSE(PieceCipher(key_).Open(4, head_, bytes, tag_));
  bytes = bytes_;
  EXPECT_FALSE(PieceCipher(key_).Open(3, BytesOf("Head"), bytes, tag_));
  bytes = bytes_;
  EXPECT_FALSE(PieceCipher(key_).Open(3, {}, bytes, tag_));
  bytes = bytes_;
  Key other = key_;
  other[31] ^= 1;
  EXPECT_FALSE(PieceCipher(other).Open(3, head_, bytes, tag_));
}

TEST_F(PieceCipherTest, RefusesEveryChangedBitAndWipesWhatItRefuses) {
  for (std::size_t bit = 0; bit < 8 * bytes_.size(); ++bit) {
    Bytes bytes = bytes_;
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (1 << bit % 8));
    ASSERT_FALSE(PieceCipher(key_).Open(3, head_, bytes, tag_)) << bit;
    ASSERT_EQ(bytes, Bytes(bytes_.size())) << bit;
  }
  for (std::size_t bit = 0; bit < 8 * tag_.size(); ++bit) {
    Bytes bytes = bytes_;
    PieceCipher::Tag tag = tag_;
    tag[bit / 8] = static_cast<std::uint8_t>(tag[bit / 8] ^ (1 << bit % 8));
    ASSERT_FALSE(PieceCipher(key_).Open(3, head_, bytes, tag)) << bit;
  }
  Bytes shorter(bytes_.begin(), bytes_.end() - 1);
  EXPECT_FALSE(PieceCipher(key_).Open(3, head_, shorter, tag_));
}

}  // namespace
}  // namespace claviger
