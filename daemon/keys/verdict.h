// The answer of a verification.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace claviger::keys {

// In the order of the checks (design, section 8); the first that applies is the answer.
enum class VerdictCode : std::uint8_t {
  kValid,
  kMalformed,  // not a key string
  kUnknown,    // no such id, or a wrong secret: the caller cannot tell which
  kRevoked,
  kPaused,
  kPending,  // before its not-before time
  kExpired,  // the key, or the generation that was presented
  kCallerDenied,
  kNetworkDenied,
  kInsufficientScope,
  kRateLimited,  // this caller presented too many bad keys; ask again later
  kExhausted,
  kUnavailable,  // token or store cannot answer now; says nothing of the key
};

inline constexpr std::size_t kVerdictCodes = static_cast<std::size_t>(VerdictCode::kUnavailable) + 1;

// "valid", "insufficient_scope", ... as on the wire.
std::string_view VerdictCodeName(VerdictCode code);

}  // namespace claviger::keys
