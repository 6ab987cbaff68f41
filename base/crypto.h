// The software cryptography of the daemon, all of it OpenSSL's: hashes, MACs and random bytes. Not the
// token's.
#pragma once

#include <array>
#include <cstdint>
#include <span>

struct evp_md_ctx_st;

namespace claviger {

using Sha256Digest = std::array<std::uint8_t, 32>;

// SHA-256 (FIPS 180-4).
Sha256Digest Sha256(std::span<const std::uint8_t> bytes);
// The same of bytes that come in pieces. Thread-compatible.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;

  void Add(std::span<const std::uint8_t> bytes);
  // Of all that was added. Once, at the end.
  Sha256Digest Finish();

 private:
  evp_md_ctx_st* context_;
};
// HMAC-SHA-256 (RFC 2104, FIPS 198-1).
Sha256Digest HmacSha256(std::span<const std::uint8_t> key, std::span<const std::uint8_t> bytes);
// Fills `out` from the kernel's generator (getrandom); ends the process if the kernel has none to give,
// because nothing that was made without it could be trusted.
void FillRandom(std::span<std::uint8_t> out);

}  // namespace claviger
