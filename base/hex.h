// Bytes as lower-case hexadecimal digits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace claviger {

std::string ToHex(std::span<const std::uint8_t> bytes);
// True if `text` is `digits` lower-case hexadecimal digits.
bool IsHex(std::string_view text, std::size_t digits);
// Fills `bytes`; false, and nothing is written, unless `text` is what ToHex makes of as many bytes.
bool FromHex(std::string_view text, std::span<std::uint8_t> bytes);

}  // namespace claviger
