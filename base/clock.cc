#include "base/clock.h"

#include <time.h>

#include <algorithm>

namespace claviger {
namespace {

std::int64_t Seconds(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);  // cannot fail: both clocks exist since Linux 2.6.39
  return time.tv_sec;
}

class KernelTime final : public TimeSource {
 public:
  UnixSeconds Wall() const override { return Seconds(CLOCK_REALTIME); }
  std::int64_t Boottime() const override { return Seconds(CLOCK_BOOTTIME); }
};

// The wall clock within the years that records may name.
UnixSeconds BoundedWall(const TimeSource& source) {
  return std::clamp(source.Wall(), kEarliestTime, kLatestTime);
}

// Sets `value` to `candidate` if that is greater; returns the greater of both.
std::int64_t Raise(std::atomic<std::int64_t>& value, std::int64_t candidate) {
  std::int64_t present = value.load(std::memory_order_relaxed);
  while (present < candidate && !value.compare_exchange_weak(present, candidate, std::memory_order_relaxed)) {
  }
  return std::max(present, candidate);
}

}  // namespace

const TimeSource& SystemTime() {
  static const KernelTime time;
  return time;
}

GuardedClock::GuardedClock(const TimeSource& source)
    : source_(source), offset_(BoundedWall(source) - source.Boottime()), high_water_(BoundedWall(source)) {}

void GuardedClock::Restore(UnixSeconds recorded) {
  const MutexLock lock(mutex_);
  const UnixSeconds bounded = std::min(recorded, kLatestTime);
  // The recorded time is a trusted one: a wall clock that is behind it by more than a day has been set back.
  Raise(offset_, bounded - source_.Boottime());
  Raise(high_water_, bounded);
}

UnixSeconds GuardedClock::Now() {
  // The usual case needs no lock: trusted, and the wall clock at or slightly behind the pace of the boot
  // clock. A change of offset_ or suspect_ under way is harmless, since the wall clock is judged by the one
  // or the other.
  if (!suspect_.load(std::memory_order_acquire)) {
    const std::int64_t offset = offset_.load(std::memory_order_relaxed);
    const UnixSeconds wall = BoundedWall(source_);
    const std::int64_t drift = wall - source_.Boottime() - offset;
    if (drift <= 0 && drift >= -kLargestTrustedJump) return Raise(high_water_, wall);
  }
  const MutexLock lock(mutex_);
  return NowLocked();
}

UnixSeconds GuardedClock::NowLocked() {
  const std::int64_t offset = offset_.load(std::memory_order_relaxed);
  std::int64_t boottime = source_.Boottime();
  if (!suspect_.load(std::memory_order_relaxed)) {
    const UnixSeconds wall = BoundedWall(source_);
    std::int64_t drift = wall - boottime - offset;
    if (drift > kLargestTrustedJump) {
      // The host may have slept between the two readings: only a jump that a second one confirms is a jump.
      boottime = source_.Boottime();
      drift = wall - boottime - offset;
    }
    if (drift <= kLargestTrustedJump && drift >= -kLargestTrustedJump) {
      Raise(offset_, wall - boottime);
      return Raise(high_water_, wall);
    }
    suspect_.store(true, std::memory_order_release);
  }
  // Boottime's pace owes nothing to the wall clock, so it may be recorded.
  return Raise(high_water_, std::min(boottime + offset, kLatestTime));
}

void GuardedClock::Trust() {
  const MutexLock lock(mutex_);
  // What Now() returned while the clock was suspect stays its lower bound.
  Raise(high_water_, NowLocked());
  const std::int64_t boottime = source_.Boottime();
  offset_.store(BoundedWall(source_) - boottime, std::memory_order_relaxed);
  suspect_.store(false, std::memory_order_release);
}

}  // namespace claviger
