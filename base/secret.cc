#include "base/secret.h"

#include <openssl/crypto.h>

namespace claviger {

void Wipe(std::span<std::byte> bytes) {
  if (!bytes.empty()) OPENSSL_cleanse(bytes.data(), bytes.size());
}

bool EqualInConstantTime(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

Secret Secret::FromText(std::string_view text) {
  return Secret(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

std::string_view Secret::ExposeText() const {
  return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
}

}  // namespace claviger
