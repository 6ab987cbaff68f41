// CRC-32 as of zlib, gzip and Ethernet (reflected, polynomial 0x04C11DB7), for the key strings of every
// request.
#pragma once

#include <cstdint>
#include <string_view>

namespace claviger::keys {

// The same as zlib's crc32(0, text). Where the processor multiplies without carry no index depends on the
// text.
std::uint32_t Crc32(std::string_view text);

}  // namespace claviger::keys
