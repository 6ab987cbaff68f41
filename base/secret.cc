#include "base/secret.h"

#include <string.h>  // explicit_bzero is of no C++ header

namespace claviger {

void Wipe(std::span<std::byte> bytes) {
  if (!bytes.empty()) ::explicit_bzero(bytes.data(), bytes.size());
}

bool EqualInConstantTime(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  if (a.size() != b.size()) return false;
  // Not CRYPTO_memcmp: loading libcrypto takes a program longer than all else at its start, and claviger
  // needs nothing more of it. What the compiler knows of the difference ends at each step, so that it cannot
  // leave the loop early.
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned>(a[i] ^ b[i]);
    asm volatile("" : "+r"(difference));
  }
  return difference == 0;
}

Secret Secret::FromText(std::string_view text) {
  return Secret(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

std::string_view Secret::ExposeText() const {
  return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
}

}  // namespace claviger
