#include "base/base62.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/secret.h"

namespace claviger {
namespace {

// What is converted may be a secret, so nothing here branches on a digit or uses one as an index.

constexpr std::size_t kMaxBytes = 32;
constexpr std::size_t kMaxPublicBytes = 12;  // a key's id; no number of this size is a secret

__extension__ using Uint128 = unsigned __int128;

constexpr std::uint64_t Power62(std::size_t exponent) {
  std::uint64_t power = 1;
  for (std::size_t i = 0; i < exponent; ++i) power *= 62;
  return power;
}

constexpr std::uint64_t k62To2 = Power62(2);
constexpr std::uint64_t k62To4 = Power62(4);

// Decoding adds ten digits at a time to a number of 64-bit words; 62^10 < 2^60.
constexpr std::size_t kDecodeChunk = 10;
constexpr std::uint64_t kDecodeFactor = Power62(kDecodeChunk);
constexpr std::size_t kMaxChunks = (Base62Width(kMaxBytes) + kDecodeChunk - 1) / kDecodeChunk;
static_assert(kMaxChunks * 8 > kMaxBytes);  // one word more than fits, to see what does not

// The digits of some chunks, zeros before them: a size that the compiler can vectorise.
template <std::size_t kChunks>
using Digits = std::array<std::uint8_t, (kChunks * kDecodeChunk + 15) / 16 * 16>;

// Encoding takes five characters at a time off a number of 32-bit words: a 64-bit division by a constant is
// compiled to multiplications, whose time does not depend on the number.
constexpr std::size_t kEncodeChunk = 5;
constexpr std::uint64_t kEncodeDivisor = Power62(kEncodeChunk);

// All ones if first <= c <= last, else zero.
constexpr std::uint8_t InRange(std::uint8_t c, std::uint8_t first, std::uint8_t last) {
  return static_cast<std::uint8_t>(-static_cast<int>(static_cast<std::uint8_t>(c - first) <= last - first));
}

// Turns characters into digits, 0 to 61. Returns 0 if all are of the alphabet, else 1.
template <std::size_t N>
std::uint8_t ReadDigits(std::array<std::uint8_t, N>& digits) {
  std::uint8_t invalid = 0;
  for (std::uint8_t& place : digits) {
    const std::uint8_t c = place;
    const std::uint8_t digit = InRange(c, '0', '9');
    const std::uint8_t upper = InRange(c, 'A', 'Z');
    const std::uint8_t lower = InRange(c, 'a', 'z');
    place =
        static_cast<std::uint8_t>((digit & (c - '0')) | (upper & (c - 'A' + 10)) | (lower & (c - 'a' + 36)));
    invalid = static_cast<std::uint8_t>(invalid | (1 & ~(digit | upper | lower)));
  }
  return invalid;
}

constexpr char DigitCharacter(std::uint64_t value) {
  const auto digit = static_cast<std::uint8_t>(value);
  return static_cast<char>(digit + '0' + (InRange(digit, 10, 35) & ('A' - '0' - 10)) +
                           (InRange(digit, 36, 61) & ('a' - '0' - 36)));
}

// The number of ten digits, by pairs, so that multiplications need not wait for each other.
std::uint64_t ChunkValue(const std::uint8_t* digits) {
  const auto pair = [digits](std::size_t i) { return digits[i] * std::uint64_t{62} + digits[i + 1]; };
  const std::uint64_t high = pair(0) * k62To2 + pair(2);
  const std::uint64_t low = pair(4) * k62To2 + pair(6);
  return (high * k62To4 + low) * k62To2 + pair(8);
}

// words = words * 62^10 + addend; little-endian words.
void MultiplyAdd(std::span<std::uint64_t> words, std::uint64_t addend) {
  std::uint64_t carry = addend;
  for (std::uint64_t& word : words) {
    const Uint128 product = static_cast<Uint128>(word) * kDecodeFactor + carry;
    word = static_cast<std::uint64_t>(product);
    carry = static_cast<std::uint64_t>(product >> 64);
  }
}

void PutBigEndian(std::uint8_t* out, std::uint64_t word) {
  if constexpr (std::endian::native == std::endian::little) word = __builtin_bswap64(word);
  std::memcpy(out, &word, sizeof(word));
}

// Writes `words` to the `size` bytes at `out`. False if the number is larger than they hold.
template <std::size_t kChunks>
[[gnu::always_inline]] inline bool PutNumber(const std::array<std::uint64_t, kChunks>& words,
                                             std::uint8_t* out, std::size_t size) {
  const std::size_t whole = size / 8;
  const std::size_t rest = size % 8;
  std::uint64_t overflow = words[whole] >> 8 * rest;
  for (std::size_t i = whole + 1; i < kChunks; ++i) overflow |= words[i];
  if (overflow != 0) return false;
  for (std::size_t i = 0; i < rest; ++i)
    out[i] = static_cast<std::uint8_t>(words[whole] >> 8 * (rest - 1 - i));
  for (std::size_t i = 0; i < whole; ++i) PutBigEndian(out + size - 8 * (i + 1), words[i]);
  return true;
}

// Inline, so that for lengths that are constants nothing is left to be found out when it runs.
template <std::size_t kChunks>
[[gnu::always_inline]] inline bool Decode(const char* text, std::size_t length, std::uint8_t* out,
                                          std::size_t size) {
  Digits<kChunks> digits;
  digits.fill('0');
  std::memcpy(digits.data() + digits.size() - length, text, length);
  const std::uint8_t invalid = ReadDigits(digits);
  std::array<std::uint64_t, kChunks> words{};
  for (std::size_t done = 0; done < kChunks; ++done) {
    const std::size_t begin = digits.size() - (kChunks - done) * kDecodeChunk;
    // Each chunk adds less than one word.
    MultiplyAdd(std::span(words).first(done + 1), ChunkValue(digits.data() + begin));
  }
  const bool valid = invalid == 0 && PutNumber(words, out, size);
  if constexpr (kChunks > (Base62Width(kMaxPublicBytes) + kDecodeChunk - 1) / kDecodeChunk) {
    Wipe(std::as_writable_bytes(std::span(words)));
    Wipe(std::span<std::uint8_t>(digits));
  }
  return valid;
}

}  // namespace

void EncodeBase62(std::span<const std::uint8_t> bytes, std::span<char> out) {
  std::array<std::uint32_t, kMaxBytes / 4> storage{};
  const std::span<std::uint32_t> words = std::span(storage).first((bytes.size() + 3) / 4);  // big-endian
  const std::size_t padding = words.size() * 4 - bytes.size();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::uint32_t& word = words[(padding + i) / 4];
    word = word << 8 | bytes[i];
  }
  std::size_t end = out.size();
  while (end > 0) {
    std::uint64_t rest = 0;
    for (std::uint32_t& word : words) {
      const std::uint64_t dividend = rest << 32 | word;
      word = static_cast<std::uint32_t>(dividend / kEncodeDivisor);
      rest = dividend % kEncodeDivisor;
    }
    const std::size_t begin = end - std::min(end, kEncodeChunk);
    for (; end > begin; rest /= 62) out[--end] = DigitCharacter(rest % 62);
  }
  Wipe(std::as_writable_bytes(words));
}

bool DecodeBase62(std::string_view text, std::span<std::uint8_t> out) {
  if (out.size() > kMaxBytes || text.size() != Base62Width(out.size())) return false;
  switch (out.size()) {
    case 4:  // the parts of key strings
      return Decode<1>(text.data(), Base62Width(4), out.data(), 4);
    case 12:
      return Decode<2>(text.data(), Base62Width(12), out.data(), 12);
    case 32:
      return Decode<kMaxChunks>(text.data(), Base62Width(32), out.data(), 32);
    default:
      return Decode<kMaxChunks>(text.data(), text.size(), out.data(), out.size());
  }
}

}  // namespace claviger
