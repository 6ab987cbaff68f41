// Rows of the table `usage` as what they mean.
#pragma once

#include <string_view>

#include "daemon/store/statement.h"
#include "daemon/store/usage_repository.h"

namespace claviger::store {

// Of "usage AS u", in the order in which ReadUsageRow takes them.
inline constexpr std::string_view kUsageColumns =
    "u.key_ref, u.first_used, u.last_used, u.last_uid, u.uses, u.denials, u.last_denied, u.last_denied_uid, "
    "u.last_denial, u.ended_secret_presented, u.ended_generation";
// Behind "key AS k".
inline constexpr std::string_view kJoinUsage = " LEFT JOIN usage AS u ON u.key_ref = k.ref";

// kUsageColumns from `first` on. nullopt: the key has no such row.
std::optional<Usage> ReadUsageRow(const Statement& row, int first);

}  // namespace claviger::store
