// The key string that its holder has: clv_<id>_<secret><crc>, 72 bytes or fewer, only [0-9A-Za-z_].
//   prefix  2 to 4 lower-case letters
//   id      17 base62 characters, 96 bits: seconds since 2020-01-01 (32), random (64); public
//   secret  43 base62 characters, 256 bits
//   crc     6 base62 characters: CRC-32 (zlib) over everything before them; finds typos, protects nothing
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace claviger::keys {

inline constexpr std::size_t kMinPrefixLength = 2;
inline constexpr std::size_t kMaxPrefixLength = 4;
inline constexpr std::size_t kKeyIdLength = 17;
inline constexpr std::size_t kSecretLength = 43;
inline constexpr std::size_t kCrcLength = 6;
inline constexpr std::size_t kMaxKeyStringLength =
    kMaxPrefixLength + 1 + kKeyIdLength + 1 + kSecretLength + kCrcLength;
static_assert(kMaxKeyStringLength == 72);

// Public name of a key. Order is order of age.
struct KeyId {
  std::array<std::uint8_t, 12> bytes{};

  // A new id: the time's seconds since 2020-01-01, then 64 random bits. Of the ids that this process makes
  // for the same second each is greater than the one before, by a random step of at most 2^40 (but for one in
  // 2^24 ids, where the 64 bits begin anew). Thread-safe.
  static KeyId Make(UnixSeconds now);
  // From its 17 characters. nullopt for anything else.
  static std::optional<KeyId> Parse(std::string_view text);
  std::string ToString() const;

  friend auto operator<=>(const KeyId&, const KeyId&) = default;
};

using KeySecret = SecretArray<32>;

// A key string taken apart. Wiped when it goes.
struct PresentedKey {
  KeyId id;
  KeySecret secret;
};

// A key string that has the form of one, its CRC among it. Views point into the text that was read.
struct KeyStringView {
  std::string_view text;     // all of it but "secret-token:"
  std::string_view id_text;  // its kKeyIdLength characters
  KeyId id;
};

// nullopt if any length, the CRC or the id is wrong, or the prefix is not 2 to 4 lower-case letters: what
// ParseKeyString refuses, but for a secret that is no number. No allocation.
std::optional<KeyStringView> ReadKeyString(std::string_view text);

// Takes a key string apart, with or without "secret-token:" (RFC 8959) before it. nullopt if any character,
// length, the CRC or a number's range is wrong, or the prefix is not 2 to 4 lower-case letters; any such
// prefix is taken, so that keys outlive a change of the configured one. No allocation.
std::optional<PresentedKey> ParseKeyString(std::string_view text);

// The key string of `id` and `secret`. `prefix` must pass CheckPrefix.
Secret FormatKeyString(std::string_view prefix, const KeyId& id, const KeySecret& secret);

// kInvalidArgument with the rule if `prefix` cannot begin a key string.
Status CheckPrefix(std::string_view prefix);

}  // namespace claviger::keys

template <>
struct std::hash<claviger::keys::KeyId> {
  std::size_t operator()(const claviger::keys::KeyId& id) const noexcept;
};
