#include "base/secret.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <type_traits>
#include <vector>

namespace claviger {
namespace {

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(!std::is_copy_constructible_v<SecretArray<32>> && !std::is_copy_assignable_v<SecretArray<32>>);

TEST(Secret, KeepsItsBytesAndMovesThem) {
  Secret secret = Secret::FromText("correct horse");
  EXPECT_EQ(secret.ExposeText(), "correct horse");
  EXPECT_EQ(secret.size(), 13U);
  const Secret moved = std::move(secret);
  EXPECT_EQ(moved.ExposeText(), "correct horse");
  EXPECT_EQ(moved.Duplicate().ExposeText(), "correct horse");
  EXPECT_TRUE(Secret().empty());
}

TEST(SecretArray, IsWipedWhenMovedFrom) {
  SecretArray<4> secret;
  const std::array<std::uint8_t, 4> bytes = {1, 2, 3, 4};
  std::copy(bytes.begin(), bytes.end(), secret.ExposeForWriting().begin());
  const SecretArray<4> moved = std::move(secret);
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), moved.Expose().begin()));
  secret = SecretArray<4>();
  EXPECT_TRUE(
      std::all_of(secret.Expose().begin(), secret.Expose().end(), [](std::uint8_t b) { return b == 0; }));
}

TEST(Wipe, OverwritesAndTakesNothing) {
  std::vector<char> text = {'p', 'i', 'n'};
  Wipe(std::span<char>(text));
  EXPECT_EQ(text, std::vector<char>(3));
  Wipe(std::span<char>());
  EXPECT_EQ(text.size(), 3U);
}

TEST(EqualInConstantTime, ComparesLengthAndEveryByte) {
  const std::vector<std::uint8_t> bytes = {1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_TRUE(EqualInConstantTime(bytes, bytes));
  EXPECT_TRUE(EqualInConstantTime({}, {}));
  EXPECT_FALSE(EqualInConstantTime(bytes, {}));
  EXPECT_FALSE(EqualInConstantTime(bytes, std::span(bytes).first(7)));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::vector<std::uint8_t> other = bytes;
    other[i] ^= 0x80;
    EXPECT_FALSE(EqualInConstantTime(bytes, other)) << i;
  }
}

}  // namespace
}  // namespace claviger
