#include "base/siphash.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

namespace claviger {
namespace {

using Bytes16 = std::array<std::uint8_t, 16>;

Bytes16 Output(const Hash128& hash) {
  Bytes16 bytes;
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<std::uint8_t>(hash.low >> 8 * i);
    bytes[8 + i] = static_cast<std::uint8_t>(hash.high >> 8 * i);
  }
  return bytes;
}

// 0, 1, 2 and so on: keys and messages of the published vectors.
template <std::size_t N>
std::array<std::uint8_t, N> Counted() {
  std::array<std::uint8_t, N> bytes;
  for (std::size_t i = 0; i < N; ++i) bytes[i] = static_cast<std::uint8_t>(i);
  return bytes;
}

Bytes16 OfLibcrypto(const Bytes16& key, const std::vector<std::uint8_t>& bytes) {
  const std::unique_ptr<EVP_MAC, void (*)(EVP_MAC*)> mac(EVP_MAC_fetch(nullptr, "SIPHASH", nullptr),
                                                         EVP_MAC_free);
  const std::unique_ptr<EVP_MAC_CTX, void (*)(EVP_MAC_CTX*)> context(EVP_MAC_CTX_new(mac.get()),
                                                                     EVP_MAC_CTX_free);
  std::size_t size = 16;
  const std::array parameters = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                                 OSSL_PARAM_construct_end()};
  Bytes16 out;
  std::size_t length = 0;
  EXPECT_EQ(EVP_MAC_CTX_set_params(context.get(), parameters.data()), 1);
  EXPECT_EQ(EVP_MAC_init(context.get(), key.data(), key.size(), nullptr), 1);
  EXPECT_EQ(EVP_MAC_update(context.get(), bytes.data(), bytes.size()), 1);
  EXPECT_EQ(EVP_MAC_final(context.get(), out.data(), &length, out.size()), 1);
  EXPECT_EQ(length, out.size());
  return out;
}

TEST(SipHash128, GivesThePublishedVectors) {
  const Bytes16 key = Counted<16>();
  const auto message = Counted<15>();
  const auto of_first = [&](std::size_t length) {
    return Output(SipHash128(key, std::span(message).first(length)));
  };
  EXPECT_EQ(of_first(0), (Bytes16{0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6, 0x6d, 0xf6, 0x72, 0x14,
                                  0xc7, 0x55, 0x02, 0x93}));
  EXPECT_EQ(of_first(1), (Bytes16{0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44, 0x34, 0x76, 0x59, 0x11,
                                  0x9b, 0x22, 0xfc, 0x45}));
  EXPECT_EQ(of_first(15), (Bytes16{0x54, 0x93, 0xe9, 0x99, 0x33, 0xb0, 0xa8, 0x11, 0x7e, 0x08, 0xec, 0x0f,
                                   0x97, 0xcf, 0xc3, 0xd9}));
}

TEST(SipHash128, IsLibcryptosForEveryLength) {
  std::mt19937 random(24);
  for (std::size_t length = 0; length <= 130; ++length) {
    for (int round = 0; round < 20; ++round) {
      Bytes16 key;
      std::vector<std::uint8_t> bytes(length);
      std::generate(key.begin(), key.end(), [&] { return static_cast<std::uint8_t>(random()); });
      std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<std::uint8_t>(random()); });
      ASSERT_EQ(Output(SipHash128(key, bytes)), OfLibcrypto(key, bytes)) << length;
    }
  }
}

TEST(SipHash128, ChangesWithEveryBitOfKeyAndMessage) {
  Bytes16 key = Counted<16>();
  auto message = Counted<72>();
  const Hash128 before = SipHash128(key, message);
  for (std::size_t bit = 0; bit < 8 * key.size(); ++bit) {
    key[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_NE(SipHash128(key, message).low, before.low) << bit;
    EXPECT_NE(SipHash128(key, message).high, before.high) << bit;
    key[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
  }
  for (std::size_t bit = 0; bit < 8 * message.size(); ++bit) {
    message[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_NE(SipHash128(key, message).low, before.low) << bit;
    EXPECT_NE(SipHash128(key, message).high, before.high) << bit;
    message[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
  }
}

}  // namespace
}  // namespace claviger
