#include "base/crypto.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace claviger {
namespace {

std::vector<std::uint8_t> Octets(std::string_view hex) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

std::vector<std::uint8_t> FromText(std::string_view text) { return {text.begin(), text.end()}; }

std::string ToHex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const std::uint8_t byte : bytes) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

TEST(Sha256, GivesThePublishedDigests) {
  // FIPS 180-4 examples.
  EXPECT_EQ(ToHex(Sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(ToHex(Sha256(FromText("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(ToHex(Sha256(FromText("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

struct Rfc4231Case {
  std::vector<std::uint8_t> key, data;
  std::string mac;  // as many digits as the RFC gives
};

std::vector<Rfc4231Case> Rfc4231() {
  const std::vector<std::uint8_t> long_key(131, 0xaa);
  return {
      {std::vector<std::uint8_t>(20, 0x0b), FromText("Hi There"),
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {FromText("Jefe"), FromText("what do ya want for nothing?"),
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::vector<std::uint8_t>(20, 0xaa), std::vector<std::uint8_t>(50, 0xdd),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {Octets("0102030405060708090a0b0c0d0e0f10111213141516171819"), std::vector<std::uint8_t>(50, 0xcd),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {std::vector<std::uint8_t>(20, 0x0c), FromText("Test With Truncation"),
       "a3b6167473100ee06e0c796c2955552b"},
      {long_key, FromText("Test Using Larger Than Block-Size Key - Hash Key First"),
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {long_key,
       FromText("This is a test using a larger than block-size key and a larger than block-size data. The "
                "key needs "
                "to be hashed before being used by the HMAC algorithm."),
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
}

TEST(HmacSha256, GivesThePublishedMacs) {
  for (const Rfc4231Case& vector : Rfc4231()) {
    EXPECT_EQ(ToHex(HmacSha256(vector.key, vector.data)).substr(0, vector.mac.size()), vector.mac);
  }
}

TEST(HmacSha256, TakesEmptyInput) {
  EXPECT_EQ(ToHex(HmacSha256({}, {})), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(FillRandom, FillsAllOfItAndNeverTheSame) {
  std::vector<std::uint8_t> first(1024), second(1024);
  FillRandom(first);
  FillRandom(second);
  EXPECT_NE(first, second);
  // 64 zero bytes at the end of 1024 random ones do not happen.
  EXPECT_NE(std::vector<std::uint8_t>(first.end() - 64, first.end()), std::vector<std::uint8_t>(64));
  FillRandom({});
}

}  // namespace
}  // namespace claviger
