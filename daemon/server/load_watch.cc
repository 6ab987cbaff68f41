#include "daemon/server/load_watch.h"

#include <algorithm>
#include <ctime>
#include <utility>

namespace claviger::server {
namespace {

std::chrono::nanoseconds ProcessorTime(clockid_t clock) {
  timespec time{};
  if (::clock_gettime(clock, &time) != 0) return std::chrono::nanoseconds(0);  // the thread has ended
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

void LoadWatch::Add(std::size_t index, clockid_t processor_time, const LoopWork& work,
                    std::shared_ptr<LoopMailbox> mailbox) {
  const MutexLock lock(mutex_);
  if (loops_.size() <= index) loops_.resize(index + 1);
  loops_[index] = {processor_time, &work, std::move(mailbox)};
}

void LoadWatch::Remove(std::size_t index) {
  const MutexLock lock(mutex_);
  loops_[index].work = nullptr;
}

LoadWatch::Sums LoadWatch::SumsOf(std::size_t active) const {
  Sums sums;
  for (std::size_t i = 0; i < std::min(active, loops_.size()); ++i) {
    const LoopWork* const work = loops_[i].work;
    if (work == nullptr) continue;
    sums.busy +=
        ProcessorTime(loops_[i].processor_time) - std::chrono::nanoseconds(work->waiting_awake.Get());
    sums.frames += work->frames.Get();
  }
  return sums;
}

void LoadWatch::LookAnew(SteadyTime now) {
  const MutexLock lock(mutex_);
  const auto passed = std::chrono::duration<double>(now - last_look_);
  if (passed < kWindow) return;  // another loop was faster
  next_look_.store((now + kWindow).time_since_epoch().count(), std::memory_order_relaxed);
  last_look_ = now;
  const std::size_t before = share_.active();
  const Sums sums = SumsOf(before);
  // Nobody has looked for long: all were asleep, and that is no window.
  const bool whole = passed < 3 * kWindow;
  const auto busy = std::chrono::duration<double>(sums.busy - last_.busy);
  const std::uint64_t frames = sums.frames - std::min(last_.frames, sums.frames);
  last_ = sums;
  if (!whole) return;
  const std::size_t after = share_.Observe({busy / passed / static_cast<double>(before),
                                            static_cast<double>(frames) / passed.count(), census_.open()},
                                           now);
  if (after == before) return;
  last_ = SumsOf(after);
  active_.store(after, std::memory_order_relaxed);
  for (const Loop& loop : loops_) {
    if (loop.work != nullptr) loop.mailbox->Post([] {});
  }
}

}  // namespace claviger::server
