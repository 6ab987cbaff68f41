// What a snapshot of the cache holds, as bytes: a head, then the profiles, then the entries that refer to
// them.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/secret.h"
#include "base/token_purpose.h"
#include "daemon/keys/key_entry.h"
#include "daemon/keys/proof.h"
#include "daemon/keys/record.h"

namespace claviger::api {

// Every piece holds rows of one kind, which is its first byte.
enum class SnapshotRows : std::uint8_t { kHead = 1, kProfiles = 2, kEntries = 3 };

// The state of the database that a snapshot belongs to. Nothing changes a key without an act on record, so
// the same newest act means the same keys.
struct StoreMoment {
  std::int64_t schema = 0;
  std::int64_t sequence = 0;  // of the newest act; 0 = there is none
  Mac newest_act{};           // its MAC
  friend bool operator==(const StoreMoment&, const StoreMoment&) = default;
};

struct SnapshotHead {
  StoreMoment moment;
  UnixSeconds wall = 0;       // of the wall clock, when the lives of the proofs were measured; so is
  std::int64_t boottime = 0;  // of the boot clock
  std::uint64_t entries = 0;  // as many follow at most
  SecretArray<keys::ProofKey::kBytes> proof_key;
};

struct SnapshotProof {
  keys::Proof proof;
  std::chrono::milliseconds life{0};  // how much longer it held; 0 = there is none
};

struct SnapshotEntry {
  keys::KeyEntryParts parts;  // of an active key; its name lies in what was read
  std::uint32_t profile = 0;  // by its place among the profiles
  SnapshotProof current, previous;
};

// Append one row.
void AppendHeadRow(WipingBuffer& piece, const SnapshotHead& head);
// Of owner and grants.
void AppendProfileRow(WipingBuffer& piece, const keys::KeyRecord& record);
void AppendEntryRow(WipingBuffer& piece, const SnapshotEntry& entry);

// Takes rows off the front of `rows`; false if what is there is none. Of a profile, the record has owner and
// grants.
bool TakeHeadRow(std::span<const std::uint8_t>& rows, SnapshotHead& head);
bool TakeProfileRow(std::span<const std::uint8_t>& rows, keys::KeyRecord& record);
bool TakeEntryRow(std::span<const std::uint8_t>& rows, SnapshotEntry& entry);

}  // namespace claviger::api
