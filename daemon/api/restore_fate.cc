#include "daemon/api/restore_fate.h"

#include <algorithm>

namespace claviger::api {

using keys::KeyRecord;
using keys::RecordState;

const std::array<FateRule, 7> kFateRules = {{
    {KeyFate::kLost, "lost", std::nullopt, ""},
    {KeyFate::kRevoked, "revoked", RecordState::kRevoked, "revoked after the backup was made"},
    {KeyFate::kRotated, "rotated", RecordState::kRevoked, "rotated after the backup was made"},
    {KeyFate::kPaused, "paused", RecordState::kPaused, "paused after the backup was made"},
    {KeyFate::kEdited, "edited", RecordState::kPaused, "edited after the backup was made: review it"},
    {KeyFate::kPurged, "purged", RecordState::kRevoked, "purged after the backup was made"},
    {KeyFate::kUnknown, "unknown", RecordState::kPaused, "restored without a later database: review it"},
}};

const FateRule& RuleOf(KeyFate fate) { return kFateRules[static_cast<std::size_t>(fate)]; }

std::optional<KeyFate> FateOf(const KeyRecord* backup, const KeyRecord* today, bool known) {
  if (backup == nullptr) return KeyFate::kLost;
  if (backup->state == RecordState::kRevoked) return std::nullopt;
  if (today == nullptr) return known ? KeyFate::kPurged : KeyFate::kUnknown;
  if (*backup == *today) return std::nullopt;
  if (today->state == RecordState::kRevoked) return KeyFate::kRevoked;
  if (today->current().number != backup->current().number) return KeyFate::kRotated;
  if (today->state == RecordState::kPaused && backup->state != RecordState::kPaused) return KeyFate::kPaused;
  return KeyFate::kEdited;
}

std::optional<KeyRecord> RestoredRecord(const KeyRecord& backup, const KeyRecord* today,
                                        std::optional<KeyFate> fate, const RestoreRules& rules,
                                        UnixSeconds now) {
  if (backup.state == RecordState::kRevoked) return std::nullopt;
  if (fate && (rules.revive || *fate == KeyFate::kUnknown)) fate = std::nullopt;
  if (!fate && rules.pause_all) fate = KeyFate::kUnknown;
  if (!fate || !RuleOf(*fate).becomes) return std::nullopt;
  const FateRule& rule = RuleOf(*fate);
  if (rule.becomes == RecordState::kPaused &&
      (backup.state == RecordState::kPaused || now >= backup.expires)) {
    return std::nullopt;  // it gives nobody anything as it is
  }
  KeyRecord restored = backup;
  restored.state = *rule.becomes;
  restored.end_reason = rule.reason;
  const bool theirs = today != nullptr && today->state == restored.state;  // then it keeps who and why
  if (theirs && !today->end_reason.empty()) restored.end_reason = today->end_reason;
  if (restored.state == RecordState::kRevoked) {
    restored.revoked_at = theirs ? today->revoked_at : std::optional(now);
    restored.paused_by.clear();
  } else {
    restored.paused_by = theirs ? today->paused_by : rules.user;
  }
  return restored;
}

}  // namespace claviger::api
