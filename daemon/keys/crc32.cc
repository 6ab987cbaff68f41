#include "daemon/keys/crc32.h"

#include <zlib.h>

#include <array>
#include <cstddef>

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace claviger::keys {
namespace {

std::uint32_t WithZlib(std::string_view text) {
  return static_cast<std::uint32_t>(
      ::crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<z_size_t>(text.size())));
}

#ifdef __x86_64__

// The method of "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction" (Gopal and others,
// Intel 2009): blocks of 128 bits, each folded onto the next by multiplying it with powers of x modulo the
// polynomial. Zeros before a message do not change its remainder, so the block that is not whole comes first,
// and no byte is left at the end.

constexpr std::uint64_t kPolynomial = 0x04C11DB7;  // without x^32; the highest power is the highest bit

// Bits 0 to count - 1 of `value` in reverse order.
constexpr std::uint64_t Reversed(std::uint64_t value, int count) {
  std::uint64_t reversed = 0;
  for (int i = 0; i < count; ++i) reversed |= (value >> i & 1) << (count - 1 - i);
  return reversed;
}

// x^power modulo the polynomial, its bits reversed as those of the message are. One bit further to the left,
// as the product of two reversed numbers of 64 bits ends up one bit too far to the right.
constexpr std::uint64_t PowerOfX(int power) {
  std::uint64_t remainder = 1;
  for (int i = 0; i < power; ++i) {
    const bool carry = (remainder >> 31 & 1) != 0;
    remainder = (remainder << 1 & 0xFFFFFFFF) ^ (carry ? kPolynomial : 0);
  }
  return Reversed(remainder, 32) << 1;
}

// x^64 divided by the polynomial, reversed, for Barrett's reduction.
constexpr std::uint64_t Quotient() {
  std::uint64_t quotient = 1;  // of x^32
  std::uint64_t remainder = kPolynomial;
  for (int i = 0; i < 32; ++i) {
    const bool carry = (remainder >> 31 & 1) != 0;
    quotient = quotient << 1 | (carry ? 1 : 0);
    remainder = (remainder << 1 & 0xFFFFFFFF) ^ (carry ? kPolynomial : 0);
  }
  return Reversed(quotient, 33);
}

constexpr std::size_t kBlock = sizeof(__m128i);

// Read from `window + n`: the control of a shuffle that moves the first n bytes of a block to its end, zeros
// before them.
constexpr auto kToTheEnd = [] {
  std::array<std::uint8_t, 2 * kBlock> window{};
  for (std::size_t i = 0; i < kBlock; ++i) {
    window[i] = 0x80;
    window[kBlock + i] = static_cast<std::uint8_t>(i);
  }
  return window;
}();

// Read from `window + n`: what inverts the first four bytes of a message whose first n bytes are at the end
// of a block. The block behind it has its share at `window + kBlock + n`.
constexpr auto kInverted = [] {
  std::array<std::uint8_t, 3 * kBlock> window{};
  for (std::size_t i = 0; i < 4; ++i) window[kBlock + i] = 0xFF;
  return window;
}();

inline __m128i Load(const void* bytes) { return _mm_loadu_si128(static_cast<const __m128i*>(bytes)); }

__attribute__((target("pclmul,ssse3"))) inline __m128i FoldedBy128(__m128i block) {
  const __m128i powers = _mm_set_epi64x(PowerOfX(128 - 32), PowerOfX(128 + 32));
  return _mm_xor_si128(_mm_clmulepi64_si128(block, powers, 0x00), _mm_clmulepi64_si128(block, powers, 0x11));
}

// The remainder of a block's 128 bits times x^32.
__attribute__((target("pclmul,ssse3"))) inline std::uint32_t Remainder(__m128i block) {
  const __m128i low_word = _mm_set_epi32(0, 0, 0, -1);
  const __m128i powers = _mm_set_epi64x(PowerOfX(128 - 32), PowerOfX(64));
  block = _mm_xor_si128(_mm_clmulepi64_si128(block, powers, 0x10), _mm_srli_si128(block, 8));
  block = _mm_xor_si128(_mm_clmulepi64_si128(_mm_and_si128(block, low_word), powers, 0x00),
                        _mm_srli_si128(block, 4));
  const __m128i barrett = _mm_set_epi64x(Quotient(), Reversed(kPolynomial | std::uint64_t{1} << 32, 33));
  __m128i multiple = _mm_clmulepi64_si128(_mm_and_si128(block, low_word), barrett, 0x10);
  multiple = _mm_clmulepi64_si128(_mm_and_si128(multiple, low_word), barrett, 0x00);
  block = _mm_xor_si128(block, multiple);
  return static_cast<std::uint32_t>(_mm_cvtsi128_si32(_mm_srli_si128(block, 4)));
}

// `text` has kBlock bytes or more.
__attribute__((target("pclmul,ssse3"))) std::uint32_t WithCarrylessProducts(std::string_view text) {
  const std::size_t first = text.size() % kBlock;
  __m128i sum = _mm_shuffle_epi8(Load(text.data()), Load(kToTheEnd.data() + first));
  sum = _mm_xor_si128(sum, Load(kInverted.data() + first));
  const char* at = text.data() + first;
  const char* const end = text.data() + text.size();
  __m128i block = _mm_xor_si128(Load(at), Load(kInverted.data() + kBlock + first));
  while (true) {
    sum = _mm_xor_si128(FoldedBy128(sum), block);
    at += kBlock;
    if (at == end) return ~Remainder(sum);
    block = Load(at);
  }
}

#endif

}  // namespace

std::uint32_t Crc32(std::string_view text) {
#ifdef __x86_64__
  if (text.size() >= kBlock && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("ssse3")) {
    return WithCarrylessProducts(text);
  }
#endif
  return WithZlib(text);
}

}  // namespace claviger::keys
