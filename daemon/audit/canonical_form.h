// How what a MAC covers is written: each field preceded by its length (4 bytes, big-endian), numbers in 8
// bytes, so that no two different rows of fields are the same bytes.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace claviger::audit {

void AppendText(std::vector<std::uint8_t>& out, std::string_view text);
void AppendNumber(std::vector<std::uint8_t>& out, std::int64_t value);

}  // namespace claviger::audit
