// Base 62 with the alphabet 0-9 A-Z a-z: fixed width, so that text sorts as the number does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace claviger {

// How many characters hold `bytes` bytes: 4 -> 6, 12 -> 17, 32 -> 43.
constexpr std::size_t Base62Width(std::size_t bytes) {
  // 1000 * log62(256) = 1343.6; rounded up, exact for the sizes used here and checked by a test.
  return (bytes * 13437 + 9999) / 10000;
}

// Writes the big-endian number `bytes` (at most 32 bytes) to `out`, which has Base62Width(bytes.size())
// characters.
void EncodeBase62(std::span<const std::uint8_t> bytes, std::span<char> out);
// The reverse. False for a character outside the alphabet, a wrong length, or a number too large for `out`;
// there is exactly one text for each value of `out`. No allocation. Time does not depend on the digits of
// valid text.
[[nodiscard]] bool DecodeBase62(std::string_view text, std::span<std::uint8_t> out);

}  // namespace claviger
