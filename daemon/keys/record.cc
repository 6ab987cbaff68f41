#include "daemon/keys/record.h"

#include <array>

namespace claviger::keys {
namespace {

constexpr std::array<std::string_view, 5> kStateNames = {"pending", "active", "paused", "expired", "revoked"};

}  // namespace

std::string_view KeyStateName(KeyState state) { return kStateNames[static_cast<std::size_t>(state)]; }

std::optional<KeyState> ParseKeyState(std::string_view text) {
  for (std::size_t i = 0; i < kStateNames.size(); ++i) {
    if (text == kStateNames[i]) return static_cast<KeyState>(i);
  }
  return std::nullopt;
}

KeyState KeyRecord::StateAt(UnixSeconds now) const {
  if (state == RecordState::kRevoked) return KeyState::kRevoked;
  if (state == RecordState::kPaused) return KeyState::kPaused;
  if (now < not_before) return KeyState::kPending;
  if (now >= expires) return KeyState::kExpired;
  return KeyState::kActive;
}

}  // namespace claviger::keys
