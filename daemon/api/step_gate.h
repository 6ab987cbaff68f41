// Lets few steps of long work into the store's queue at a time, however much is asked for: what takes one
// step, a verification above all, must not wait behind many of them.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>

#include "base/mutex.h"

namespace claviger::api {

// Thread-safe. Steps take turns: one that enters again goes behind those that wait.
class StepGate {
 public:
  static constexpr std::size_t kAtOnce = 2;
  static constexpr std::size_t kMaxWaiting = 4096;

  // Queues the work and returns true, or has failed and returns false. What it queued calls Leave() when it
  // is done, once.
  using Step = std::function<bool()>;
  // Calls `step` at once, or on the thread of a Leave() when its turn has come. False, and it is dropped,
  // when kMaxWaiting steps wait already.
  [[nodiscard]] bool Enter(Step step) EXCLUDES(mutex_);
  void Leave() EXCLUDES(mutex_);

 private:
  Mutex mutex_;
  std::size_t inside_ GUARDED_BY(mutex_) = 0;
  std::deque<Step> waiting_ GUARDED_BY(mutex_);
};

}  // namespace claviger::api
