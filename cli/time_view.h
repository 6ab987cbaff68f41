// Times as people read and write them.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "cli/failure.h"

namespace claviger::cli {

// A length of time in its one or two largest units, rounded: "30d", "6d12h", "5h20m", "12m5s".
std::string RoughDuration(std::int64_t seconds);
// "2026-12-24T00:00:00Z (in 3d)", "... (5h ago)"; `rfc3339` alone if it is no time.
std::string ShowTime(std::string_view rfc3339, UnixSeconds now);
// "in 3d" or "5h ago"; "" if `rfc3339` is no time.
std::string Distance(std::string_view rfc3339, UnixSeconds now);

// Where a date alone stands for its last second (an end), or its first (a begin).
enum class DateMeans { kEnd, kBegin };
// Where a length of time leads from `now`; back to kEarliestTime at most.
enum class TimeCounts { kAhead, kBack };
// A point in time from "7d" (from `now`), "2026-12-24" or RFC 3339. The failure's message begins with
// "--option: ".
Outcome<UnixSeconds> ReadWhen(std::string_view option, std::string_view text, DateMeans date, UnixSeconds now,
                              TimeCounts counts = TimeCounts::kAhead);
// True for the first of these forms.
bool IsDuration(std::string_view text);

}  // namespace claviger::cli
