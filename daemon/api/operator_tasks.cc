#include "daemon/api/operator_tasks.h"

#include <sys/eventfd.h>

#include <cstdint>
#include <utility>

namespace claviger::api {

OperatorTasks::OperatorTasks() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

bool OperatorTasks::Post(std::function<void()> task) {
  {
    const MutexLock lock(mutex_);
    if (waiting_.size() >= kMaxWaiting) return false;
    waiting_.push_back(std::move(task));
  }
  const std::uint64_t one = 1;
  // Can only fail when the counter is near its maximum, and then the descriptor is readable anyway.
  (void)!::write(event_.get(), &one, sizeof one);
  return true;
}

void OperatorTasks::RunAll() {
  std::uint64_t ignored = 0;
  (void)!::read(event_.get(), &ignored, sizeof ignored);
  std::deque<std::function<void()>> tasks;
  {
    const MutexLock lock(mutex_);
    tasks = std::exchange(waiting_, {});
  }
  for (const auto& task : tasks) task();
}

}  // namespace claviger::api
