// Time as the project uses it: UTC seconds for records, a guarded "now" that never goes back, steady time for
// deadlines.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "base/result.h"

namespace claviger {

// Seconds since 1970-01-01T00:00:00Z. Absolute; there is no value that means "never".
using UnixSeconds = std::int64_t;

// The years that records may name: 2020-01-01 to 9999-12-31T23:59:59Z, so that no sum of ours overflows.
inline constexpr UnixSeconds kEarliestTime = 1577836800;
inline constexpr UnixSeconds kLatestTime = 253402300799;

using SteadyTime = std::chrono::steady_clock::time_point;
inline SteadyTime SteadyNow() { return std::chrono::steady_clock::now(); }

// "2026-12-24T00:00:00Z" (RFC 3339, UTC, whole seconds).
std::string FormatTime(UnixSeconds time);
// The same, into memory of the caller: every time from kEarliestTime to kLatestTime takes as many bytes.
inline constexpr std::size_t kTimeTextBytes = 20;
void WriteTimeText(UnixSeconds time, std::span<char, kTimeTextBytes> out);
// RFC 3339 with a zone ("2026-12-24T01:00:00+01:00"), or a date alone ("2026-12-24" = its last second, UTC,
// since a person who writes a day as an end means to include it). Fractions of a second are refused.
Result<UnixSeconds> ParseTime(std::string_view text);

// Lengths of time as people write them: "90s", "15m", "12h", "7d", "2w", and sums such as "1d12h". At least
// one second, at most 100 years. Months and years are refused: their length is not fixed.
Result<std::int64_t> ParseDuration(std::string_view text);
// Days, hours, minutes and seconds, as far as they are not zero ("7d", "1d12h"); less than two minutes in
// seconds ("90s").
std::string FormatDuration(std::int64_t seconds);

// The sources of time, so that tests can set them.
class TimeSource {
 public:
  virtual ~TimeSource() = default;
  virtual UnixSeconds Wall() const = 0;       // CLOCK_REALTIME
  virtual std::int64_t Boottime() const = 0;  // CLOCK_BOOTTIME in seconds: goes on while the host sleeps
};
const TimeSource& SystemTime();

// The time by which keys are judged: max(wall clock, highest time ever recorded). A clock set back revives
// nothing. A wall clock that moves by more than a day against CLOCK_BOOTTIME makes the clock suspect: it is
// then neither followed nor recorded, and Now() goes on from the last trusted time at boottime's pace, which
// is recorded, until Trust() is called. Smaller steps ahead are followed, each for itself; steps back add up,
// so that no row of small ones can hold time still for more than a day. Times stay within kEarliestTime and
// kLatestTime. Thread-safe; `source` must outlive it.
class GuardedClock {
 public:
  explicit GuardedClock(const TimeSource& source);

  // At start, with the highest time that the store has recorded. Earlier than what is known already: no
  // effect.
  void Restore(UnixSeconds recorded);
  // Never less than any value that it returned before.
  UnixSeconds Now();
  // What the store should record as the highest time seen: the last Now().
  UnixSeconds HighWater() const { return high_water_.load(std::memory_order_relaxed); }
  bool suspect() const { return suspect_.load(std::memory_order_relaxed); }
  // Accepts the present wall clock as right: an operator said so.
  void Trust();

 private:
  static constexpr std::int64_t kLargestTrustedJump = 86400;

  UnixSeconds NowLocked() REQUIRES(mutex_);

  const TimeSource& source_;
  std::atomic<std::int64_t> offset_;  // the greatest trusted wall minus boottime; changes only under mutex_
  std::atomic<UnixSeconds> high_water_;
  std::atomic<bool> suspect_{false};  // changes only under mutex_
  Mutex mutex_;                       // taken only when something changes, and while the clock is suspect
};

}  // namespace claviger
