// Watches what the loops of a server do, and tells them among how many of them connections are shared.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/counter.h"
#include "base/mutex.h"
#include "daemon/server/census.h"
#include "daemon/server/load_share.h"
#include "daemon/server/mailbox.h"

namespace claviger::server {

// What a loop counts of its work. Written on its thread, read by any.
struct LoopWork {
  void CountWaitingAwake(std::chrono::nanoseconds time) {
    waiting_awake.Add(static_cast<std::uint64_t>(time.count()));
  }

  OwnCounter frames;         // that were taken from connections
  OwnCounter waiting_awake;  // nanoseconds in which it kept a processor, but only looked for something to do
};

// Thread-safe. A connection with the ordinal n belongs to the loop n % active().
class LoadWatch {
 public:
  static constexpr std::chrono::milliseconds kWindow{100};

  // `first` and `most` as for LoadShare; `census` outlives this.
  LoadWatch(std::size_t first, std::size_t most, const Census& census)
      : census_(census), share_(first, most), active_(first) {}

  std::size_t active() const { return active_.load(std::memory_order_relaxed); }
  std::uint64_t NextOrdinal() { return ordinals_.fetch_add(1, std::memory_order_relaxed); }

  // A loop's thread has begun; its place among the loops is the order of these calls' `index`. `work`
  // outlives Remove.
  void Add(std::size_t index, clockid_t processor_time, const LoopWork& work,
           std::shared_ptr<LoopMailbox> mailbox) EXCLUDES(mutex_);
  // The thread is about to end.
  void Remove(std::size_t index) EXCLUDES(mutex_);
  // By any loop while it works: looks at all of them once a window has passed. Those that have to give
  // connections away are woken.
  void Look(SteadyTime now) EXCLUDES(mutex_) {
    if (now.time_since_epoch().count() >= next_look_.load(std::memory_order_relaxed)) LookAnew(now);
  }

 private:
  struct Loop {
    clockid_t processor_time{};
    const LoopWork* work = nullptr;  // null: gone
    std::shared_ptr<LoopMailbox> mailbox;
  };
  struct Sums {
    std::chrono::nanoseconds busy{0};  // processor time, but for that of waiting awake
    std::uint64_t frames = 0;
  };

  void LookAnew(SteadyTime now) EXCLUDES(mutex_);
  Sums SumsOf(std::size_t active) const REQUIRES(mutex_);

  const Census& census_;
  Mutex mutex_;
  LoadShare share_ GUARDED_BY(mutex_);
  std::vector<Loop> loops_ GUARDED_BY(mutex_);
  Sums last_ GUARDED_BY(mutex_);
  SteadyTime last_look_ GUARDED_BY(mutex_);
  std::atomic<SteadyTime::rep> next_look_{0};
  std::atomic<std::size_t> active_;
  std::atomic<std::uint64_t> ordinals_{0};
};

}  // namespace claviger::server
