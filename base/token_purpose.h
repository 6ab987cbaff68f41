// The words that the token's client and the key layer share: what a token key is for, and what it gives.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace claviger {

// One key in the token per purpose, labelled "claviger/<purpose>/<generation>".
enum class TokenPurpose : std::uint8_t { kMint, kVerify, kRecord, kStore, kAudit };
inline constexpr std::array kTokenPurposes = {TokenPurpose::kMint, TokenPurpose::kVerify,
                                              TokenPurpose::kRecord, TokenPurpose::kStore,
                                              TokenPurpose::kAudit};

constexpr std::string_view TokenPurposeName(TokenPurpose purpose) {
  constexpr std::array<std::string_view, 5> kNames = {"mint", "verify", "record", "store", "audit"};
  return kNames[static_cast<std::size_t>(purpose)];
}

// HMAC-SHA-256 made in the token.
using Mac = std::array<std::uint8_t, 32>;

// The longest input of one token call: longer messages are hashed first. It fits one frame to the worker.
inline constexpr std::size_t kMaxMacInput = 256;

// One HMAC to make. `input` has at most kMaxMacInput bytes, is domain-separated by its maker, and may hold a
// secret: it is wiped with the request, so whoever fills it reserves its room first. Still an aggregate;
// moving it copies.
struct MacRequest {
  TokenPurpose purpose;
  std::vector<std::uint8_t> input;

  ~MacRequest() { Wipe(std::span<std::uint8_t>(input)); }
};

}  // namespace claviger
