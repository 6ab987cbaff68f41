// SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, 2012; libcrypto's SIPHASH), for short texts:
// no context, no allocation, no branch or index that depends on what is hashed. Time depends on its length
// alone.
#pragma once

#include <cstdint>
#include <span>

namespace claviger {

struct Hash128 {
  std::uint64_t low = 0, high = 0;  // the output's bytes 0 to 7 and 8 to 15, little-endian
  friend bool operator==(const Hash128&, const Hash128&) = default;
};

// A keyed PRF: without `key`, outputs cannot be foreseen. Not a hash that withstands whoever has the key.
Hash128 SipHash128(std::span<const std::uint8_t, 16> key, std::span<const std::uint8_t> bytes);

}  // namespace claviger
