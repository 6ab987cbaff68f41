#include "base/crypto.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

namespace claviger {

// libcrypto refuses these only when it is broken or out of memory; going on with an unset digest would be
// worse than ending, and no caller could do anything else.

Sha256Digest Sha256(std::span<const std::uint8_t> bytes) {
  Sha256Digest digest;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    std::abort();
  return digest;
}

Sha256Stream::Sha256Stream() : context_(EVP_MD_CTX_new()) {
  if (context_ == nullptr || EVP_DigestInit_ex(context_, EVP_sha256(), nullptr) != 1) std::abort();
}

Sha256Stream::~Sha256Stream() { EVP_MD_CTX_free(context_); }

void Sha256Stream::Add(std::span<const std::uint8_t> bytes) {
  if (EVP_DigestUpdate(context_, bytes.data(), bytes.size()) != 1) std::abort();
}

Sha256Digest Sha256Stream::Finish() {
  Sha256Digest digest;
  if (EVP_DigestFinal_ex(context_, digest.data(), nullptr) != 1) std::abort();
  return digest;
}

Sha256Digest HmacSha256(std::span<const std::uint8_t> key, std::span<const std::uint8_t> bytes) {
  constexpr std::uint8_t kNothing = 0;  // HMAC() takes no null pointer, not even for nothing
  Sha256Digest digest;
  unsigned length = 0;
  const auto* const made =
      HMAC(EVP_sha256(), key.empty() ? &kNothing : key.data(), static_cast<int>(key.size()),
           bytes.empty() ? &kNothing : bytes.data(), bytes.size(), digest.data(), &length);
  if (made == nullptr || length != digest.size()) std::abort();
  return digest;
}

void FillRandom(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t got = getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno != EINTR) std::abort();
    if (got > 0) out = out.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace claviger
