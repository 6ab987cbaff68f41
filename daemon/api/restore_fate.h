// What a restore does to a key, by what the backup and the database of today say of it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "daemon/keys/record.h"

namespace claviger::api {

enum class KeyFate {
  kLost,     // issued since the backup: gone
  kRevoked,  // revoked since, and so on
  kRotated,
  kPaused,
  kEdited,
  kPurged,
  kUnknown,  // nobody knows what became of it since
};

// Nothing that was taken from a key since the backup comes back with the backup.
struct FateRule {
  KeyFate fate;
  std::string_view name;                     // on the wire
  std::optional<keys::RecordState> becomes;  // absent: the key does not come back
  std::string_view reason;                   // as its end_reason
};
extern const std::array<FateRule, 7> kFateRules;
const FateRule& RuleOf(KeyFate fate);

// nullptr = no such record there; not both. nullopt: the key is as it was, or was revoked already.
// `known`: the database of today is a later state of the backup's, so that a key that is not in it was
// purged.
std::optional<KeyFate> FateOf(const keys::KeyRecord* backup, const keys::KeyRecord* today, bool known);

struct RestoreRules {
  bool revive = false;     // what became of keys since the backup counts for nothing
  bool pause_all = false;  // every key that could be used is paused
  std::string user;        // who restores
};

// `backup` as it comes back, without version and MAC; nullopt: unchanged.
std::optional<keys::KeyRecord> RestoredRecord(const keys::KeyRecord& backup, const keys::KeyRecord* today,
                                              std::optional<KeyFate> fate, const RestoreRules& rules,
                                              UnixSeconds now);

}  // namespace claviger::api
