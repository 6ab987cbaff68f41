#include "daemon/keys/verdict.h"

#include <array>
#include <cstddef>

namespace claviger::keys {

std::string_view VerdictCodeName(VerdictCode code) {
  static constexpr std::array<std::string_view, 13> kNames = {
      "valid",        "malformed", "unknown",       "revoked",        "paused",
      "pending",      "expired",   "caller_denied", "network_denied", "insufficient_scope",
      "rate_limited", "exhausted", "unavailable"};
  static_assert(kNames.size() == kVerdictCodes);
  return kNames[static_cast<std::size_t>(code)];
}

}  // namespace claviger::keys
