// Encryption of what is written in numbered pieces, none of which can be changed, left out or moved unseen.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/secret.h"

struct evp_cipher_ctx_st;

namespace claviger {

// AES-256-GCM (NIST SP 800-38D), whose nonce is the number of the piece. Thread-compatible.
class PieceCipher {
 public:
  static constexpr std::size_t kKeyBytes = 32;
  static constexpr std::size_t kTagBytes = 16;
  using Tag = std::array<std::uint8_t, kTagBytes>;

  // `key` must serve for nothing else.
  explicit PieceCipher(std::span<const std::uint8_t, kKeyBytes> key);
  ~PieceCipher();
  PieceCipher(const PieceCipher&) = delete;
  PieceCipher& operator=(const PieceCipher&) = delete;

  // Encrypts `bytes` in place. `head` goes along in the clear and is covered by the tag. No number may be
  // used twice with one key.
  Tag Seal(std::uint64_t number, std::span<const std::uint8_t> head, std::span<std::uint8_t> bytes);
  // Decrypts `bytes` in place. False, and they are wiped, unless Seal made them, with the same key, number
  // and head.
  [[nodiscard]] bool Open(std::uint64_t number, std::span<const std::uint8_t> head,
                          std::span<std::uint8_t> bytes, const Tag& tag);

 private:
  void Begin(std::uint64_t number, std::span<const std::uint8_t> head, bool seals);

  SecretArray<kKeyBytes> key_;
  evp_cipher_ctx_st* context_;
};

}  // namespace claviger
