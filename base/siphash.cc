#include "base/siphash.h"

#include <bit>
#include <cstddef>
#include <cstring>

namespace claviger {
namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t);

std::uint64_t ReadWord(const std::uint8_t* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, kWord);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

// The state, and what it is made of and mixed by: the algorithm's own numbers.
struct State {
  std::uint64_t v0, v1, v2, v3;

  State(std::uint64_t k0, std::uint64_t k1)
      : v0(k0 ^ 0x736f6d6570736575),
        v1(k1 ^ 0x646f72616e646f6d ^ 0xee),  // 0xee: 128 bits are wanted
        v2(k0 ^ 0x6c7967656e657261),
        v3(k1 ^ 0x7465646279746573) {}

  void Round() {
    v0 += v1;
    v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  }

  void Add(std::uint64_t word) {
    v3 ^= word;
    Round();
    Round();
    v0 ^= word;
  }

  std::uint64_t Finish() {
    for (int i = 0; i < 4; ++i) Round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

}  // namespace

Hash128 SipHash128(std::span<const std::uint8_t, 16> key, std::span<const std::uint8_t> bytes) {
  State state(ReadWord(key.data()), ReadWord(key.data() + kWord));
  const std::size_t whole = bytes.size() / kWord * kWord;
  for (std::size_t i = 0; i < whole; i += kWord) state.Add(ReadWord(bytes.data() + i));
  // The last word: what is left, and the length. What is left is read as the end of a whole word where one is
  // there.
  const std::size_t left = bytes.size() - whole;
  std::uint64_t last = static_cast<std::uint64_t>(bytes.size()) << 56;
  if (left != 0 && whole != 0) {
    last |= ReadWord(bytes.data() + bytes.size() - kWord) >> (kWord - left) * 8;
  } else {
    for (std::size_t i = 0; i < left; ++i) last |= std::uint64_t{bytes[i]} << i * 8;
  }
  state.Add(last);

  Hash128 hash;
  state.v2 ^= 0xee;
  hash.low = state.Finish();
  state.v1 ^= 0xdd;
  hash.high = state.Finish();
  return hash;
}

}  // namespace claviger
