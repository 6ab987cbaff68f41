#include "daemon/store/usage_row.h"

#include <cstdint>

namespace claviger::store {
namespace {

// nullopt for a code that this program does not know.
std::optional<keys::VerdictCode> ParseVerdictCode(std::string_view text) {
  for (std::uint8_t code = 0; code <= static_cast<std::uint8_t>(keys::VerdictCode::kUnavailable); ++code) {
    if (text == keys::VerdictCodeName(static_cast<keys::VerdictCode>(code)))
      return static_cast<keys::VerdictCode>(code);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Usage> ReadUsageRow(const Statement& row, int first) {
  if (row.IsNull(first)) return std::nullopt;
  Usage usage;
  usage.first_used = row.Int(first + 1);  // NULL reads as 0
  usage.last_used = row.Int(first + 2);
  usage.last_uid = static_cast<std::uint32_t>(row.Int(first + 3));
  usage.uses = row.Int(first + 4);
  usage.denials = row.Int(first + 5);
  if (!row.IsNull(first + 6)) {
    usage.last_denied = row.Int(first + 6);
    usage.last_denied_uid = static_cast<std::uint32_t>(row.Int(first + 7));
    usage.last_denial = ParseVerdictCode(row.TextView(first + 8));
  }
  usage.ended_secret_presented = row.Int(first + 9);
  usage.ended_generation = static_cast<std::uint32_t>(row.Int(first + 10));
  return usage;
}

}  // namespace claviger::store
