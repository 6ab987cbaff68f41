#include "cli/time_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kDateLength = 10;  // of "2026-12-24"

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

Failure Complaint(std::string_view option, const Error& error) {
  return UsageFailure(fmt::format("--{}: {}", option, EscapeForDisplay(error.message())),
                      "give a duration (7d), a date (2026-12-24) or RFC 3339 (2026-12-24T18:00:00Z)");
}

}  // namespace

std::string RoughDuration(std::int64_t seconds) {
  const std::int64_t unit = seconds >= 14 * kDay ? kDay
                            : seconds >= kDay    ? kHour
                            : seconds >= kHour   ? kMinute
                                                 : 1;
  return FormatDuration((seconds + unit / 2) / unit * unit);
}

std::string Distance(std::string_view rfc3339, UnixSeconds now) {
  const auto time = ParseTime(rfc3339);
  if (!time) return "";
  return *time > now ? "in " + RoughDuration(*time - now) : RoughDuration(now - *time) + " ago";
}

std::string ShowTime(std::string_view rfc3339, UnixSeconds now) {
  const std::string distance = Distance(rfc3339, now);
  return distance.empty() ? std::string(rfc3339) : fmt::format("{} ({})", rfc3339, distance);
}

bool IsDuration(std::string_view text) { return text.find_first_of("-T:") == std::string_view::npos; }

Outcome<UnixSeconds> ReadWhen(std::string_view option, std::string_view text, DateMeans date, UnixSeconds now,
                              TimeCounts counts) {
  if (IsDuration(text)) {
    const auto duration = ParseDuration(text);
    if (!duration) return Complaint(option, duration.error());
    return counts == TimeCounts::kAhead ? now + *duration : std::max(now - *duration, kEarliestTime);
  }
  std::string whole(text);
  if (date == DateMeans::kBegin && text.size() == kDateLength) whole += "T00:00:00Z";
  const auto time = ParseTime(whole);
  if (!time) return Complaint(option, time.error());
  return *time;
}

}  // namespace claviger::cli
