#include "daemon/keys/notice.h"

#include <algorithm>
#include <array>

namespace claviger::keys {
namespace {

constexpr std::array<std::string_view, kEvents> kEventNames = {
    "key.created", "key.edited",   "key.rotated",
    "key.paused",  "key.resumed",  "key.revoked",
    "key.purged",  "key.expiring", "key.ended_secret_presented",
    "key.leaked",
};

}  // namespace

std::string_view EventName(Event event) { return kEventNames[static_cast<std::size_t>(event)]; }

std::optional<Event> ParseEvent(std::string_view name) {
  const auto found = std::find(kEventNames.begin(), kEventNames.end(), name);
  if (found == kEventNames.end()) return std::nullopt;
  return static_cast<Event>(found - kEventNames.begin());
}

bool NoticeCommand::Wants(Event event) const {
  return std::find(events.begin(), events.end(), event) != events.end();
}

}  // namespace claviger::keys
