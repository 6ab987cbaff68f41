// The record of a key: everything that is known of it but its usage, and never its secret.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/token_purpose.h"
#include "daemon/keys/key_string.h"
#include "daemon/keys/token_mac.h"

namespace claviger::keys {

// What is stored; pending, expired and grace follow from times.
enum class RecordState : std::uint8_t { kActive = 1, kPaused = 2, kRevoked = 3 };

// What is shown: the record's state at a given time.
enum class KeyState { kPending, kActive, kPaused, kExpired, kRevoked };
std::string_view KeyStateName(KeyState state);
std::optional<KeyState> ParseKeyState(std::string_view text);

// One secret that the key has had.
struct Generation {
  std::uint32_t number = 0;  // from 1
  Mac verifier{};            // HMAC of the secret, made in the token
  UnixSeconds created = 0;
  std::optional<UnixSeconds> ends;  // end of its grace; absent for the current generation
  bool until_used = false;          // its grace ends earlier as soon as the generation after it is used

  friend bool operator==(const Generation&, const Generation&) = default;
};

// The current generation and, after a rotation, the one before it: more are never valid at once.
inline constexpr std::size_t kMaxLiveGenerations = 2;
inline constexpr std::size_t kMaxDescriptionBytes = 1024;

// Every change is a whole new record with version + 1.
struct KeyRecord {
  KeyId id;
  std::uint64_t version = 1;
  std::string name;
  std::string description;  // may be empty
  std::string owner;
  std::string team;  // may be empty
  std::string creator;
  UnixSeconds created = 0;
  UnixSeconds not_before = 0;
  UnixSeconds expires = 0;           // the first second in which it is no longer valid
  std::vector<std::string> scopes;   // grants: sorted, without doubles; empty only if unscoped
  std::vector<std::string> bundles;  // names of those that `scopes` was expanded from; sorted
  bool unscoped = false;             // full access
  std::string unscoped_reason;       // required if unscoped
  std::optional<KeyId> replaces;     // the key whose successor this one is
  RecordState state = RecordState::kActive;
  std::string paused_by;  // user; "" unless paused
  std::optional<UnixSeconds> revoked_at;
  std::string end_reason;               // why it was revoked or paused; may be empty
  std::vector<Generation> generations;  // newest last; 1 or 2
  Mac mac{};                            // over CanonicalRecord

  const Generation& current() const { return generations.back(); }
  KeyState StateAt(UnixSeconds now) const;

  friend bool operator==(const KeyRecord&, const KeyRecord&) = default;
};

// The record as bytes for its MAC: every field but `mac`, each preceded by its length, in a fixed order that
// this function alone defines. Two records with the same bytes are the same record. Fields that records did
// not have from the first are at the end, and only if any of them is set: the bytes, and so the MAC, of an
// older record never change.
std::vector<std::uint8_t> CanonicalRecord(const KeyRecord& record);

// Token inputs (design, "The token"): each begins with its domain ("claviger/<purpose>/1") and is
// length-prefixed.
// `ours` is random; with the token's own bytes it is the nonce, which neither could foresee alone.
MintOrder OrderOfMint(const KeyId& id, std::uint32_t generation, std::span<const std::uint8_t, 32> ours);
MacRequest VerifierRequest(const KeyId& id, std::uint32_t generation, const KeySecret& secret);
// SHA-256 of CanonicalRecord stands for it, since a token call takes at most kMaxMacInput bytes.
MacRequest RecordMacRequest(const KeyRecord& record);

}  // namespace claviger::keys
