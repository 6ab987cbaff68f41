// Bytes as lower-case hexadecimal digits.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace claviger::hsm {

std::string ToHex(std::span<const std::uint8_t> bytes);
// True if `text` is `digits` lower-case hexadecimal digits.
bool IsHex(std::string_view text, std::size_t digits);

}  // namespace claviger::hsm
