// Options that several commands take.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "cli/command.h"

namespace claviger::cli {

inline constexpr Option kJson = {"json", "", "print the daemon's reply as JSON"};
inline constexpr Option kExpires = {
    "expires", "WHEN", "when it ends: 7d, 2026-12-24 (to its end, UTC) or RFC 3339", ValueKind::kText};
inline constexpr Option kRequestId = {
    "request-id", "TEXT", "repeating the command with the same id changes nothing more", ValueKind::kText};
inline constexpr Option kReason = {"reason", "TEXT", "kept on record", ValueKind::kText};
inline constexpr Option kDryRun = {"dry-run", "", "only show what would be done"};

inline constexpr std::array kJsonOnly = {kJson};
inline constexpr Argument kKeyId = {"KEY_ID", ValueKind::kKeyId};

// Which keys; cli/key_filter.h reads them.
inline constexpr std::array kKeyFilterOptions = {
    Option{"search", "TEXT", "only keys with this in name, owner or creator", ValueKind::kText},
    Option{"state", "STATE", "only these: pending, active, paused, expired or revoked; repeat it for each",
           ValueKind::kKeyState, false, true},
    Option{"owner", "TEXT", "only keys of this owner", ValueKind::kText},
    Option{"creator", "TEXT", "only keys that this user has issued", ValueKind::kText},
    Option{"team", "TEXT", "only keys of this team", ValueKind::kText},
    Option{"scoped", "", "only keys with scopes"},
    Option{"unscoped", "", "only keys without scopes: full access"},
    Option{"scope", "SCOPE", "only keys that hold this scope", ValueKind::kScope},
    Option{"action", "ACTION", "only keys with a scope of this action", ValueKind::kAction},
    Option{"created-after", "WHEN", "only keys issued since then: 30d (ago), a date or RFC 3339",
           ValueKind::kText},
    Option{"created-before", "WHEN", "only keys issued before then", ValueKind::kText},
    Option{"expires-within", "TIME", "only keys that end within this time: 30d", ValueKind::kText},
    Option{"expires-after", "WHEN", "only keys that end then or later: 30d (from now), a date or RFC 3339",
           ValueKind::kText},
    Option{"expires-before", "WHEN", "only keys that end before then", ValueKind::kText},
    Option{"used-after", "WHEN", "only keys used since then: 7d (ago), a date or RFC 3339", ValueKind::kText},
    Option{"used-before", "WHEN", "only keys last used before then", ValueKind::kText},
    Option{"unused-for", "TIME", "only keys last used longer ago than this, or never: 90d", ValueKind::kText},
    Option{"never-used", "", "only keys that were never used"},
};

// One list of options from several.
template <std::size_t... kSizes>
constexpr auto JoinOptions(const std::array<Option, kSizes>&... lists) {
  std::array<Option, (kSizes + ...)> joined{};
  auto to = joined.begin();
  ((to = std::copy(lists.begin(), lists.end(), to)), ...);
  return joined;
}

}  // namespace claviger::cli
