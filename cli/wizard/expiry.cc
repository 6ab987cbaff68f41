#include "cli/wizard/expiry.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "base/text.h"
#include "cli/time_view.h"

namespace claviger::cli::wizard {
namespace {

constexpr std::int64_t kDay = 86400;
constexpr std::array<std::int64_t, 4> kUsualLifetimes = {kDay, 7 * kDay, 30 * kDay, 90 * kDay};

}  // namespace

std::vector<ExpiryPreset> ExpiryPresets(std::int64_t usual, std::int64_t maximum) {
  std::vector<std::int64_t> lifetimes(kUsualLifetimes.begin(), kUsualLifetimes.end());
  usual = std::min(usual, maximum);
  lifetimes.push_back(usual);
  lifetimes.push_back(maximum);
  std::sort(lifetimes.begin(), lifetimes.end());
  lifetimes.erase(std::unique(lifetimes.begin(), lifetimes.end()), lifetimes.end());
  std::vector<ExpiryPreset> presets;
  for (const std::int64_t lifetime : lifetimes) {
    if (lifetime <= maximum) presets.push_back({lifetime, lifetime == usual, lifetime == maximum});
  }
  return presets;
}

std::string LifetimeText(std::int64_t seconds) {
  if (seconds == kDay) return "1 day";
  if (seconds % kDay == 0) return fmt::format("{} days", seconds / kDay);
  return FormatDuration(seconds);
}

std::string DateText(UnixSeconds time) {
  const std::time_t value = time;
  std::tm parts{};
  if (::gmtime_r(&value, &parts) == nullptr) return FormatTime(time);
  return fmt::format("{:%a %Y-%m-%d %H:%M} UTC", parts);
}

Outcome<TypedExpiry> ReadExpiry(std::string_view text, std::int64_t maximum, UnixSeconds now) {
  if (text.empty()) return UsageFailure("type a length of time (45d), a date (2026-12-24) or RFC 3339");
  const auto when = ReadWhen("expires", text, DateMeans::kEnd, now);
  if (!when) {
    return UsageFailure(fmt::format("\"{}\" is neither a length of time (45d) nor a date (2026-12-24)",
                                    EscapeForDisplay(text)));
  }
  if (*when <= now) return UsageFailure("that is in the past; a key must end later than now");
  if (*when - now > maximum) {
    return UsageFailure(fmt::format("the longest that may be asked for is {}, until {}",
                                    LifetimeText(maximum), DateText(now + maximum)));
  }
  return TypedExpiry{*when, IsDuration(text) ? *when - now : 0};
}

}  // namespace claviger::cli::wizard
