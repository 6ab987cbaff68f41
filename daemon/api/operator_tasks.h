// A queue for the few acts that wait for the token or the disk and must hold up neither a loop nor the store
// thread: initialise, unlock, lock, diagnose. The main thread runs them between signals.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>

#include "base/mutex.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace claviger::api {

// Post is thread-safe; RunAll belongs to one thread.
class OperatorTasks {
 public:
  static constexpr std::size_t kMaxWaiting = 64;

  OperatorTasks();

  // False, and the task is dropped, when kMaxWaiting tasks wait already.
  [[nodiscard]] bool Post(std::function<void()> task) EXCLUDES(mutex_);
  // Readable while tasks wait.
  int event_fd() const { return event_.get(); }
  void RunAll() EXCLUDES(mutex_);

 private:
  UniqueFd event_;
  Mutex mutex_;
  std::deque<std::function<void()>> waiting_ GUARDED_BY(mutex_);
};

}  // namespace claviger::api
