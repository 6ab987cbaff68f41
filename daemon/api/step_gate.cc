#include "daemon/api/step_gate.h"

#include <utility>

namespace claviger::api {

bool StepGate::Enter(Step step) {
  {
    const MutexLock lock(mutex_);
    if (inside_ == kAtOnce) {
      if (waiting_.size() == kMaxWaiting) return false;
      waiting_.push_back(std::move(step));
      return true;
    }
    ++inside_;
  }
  if (!step()) Leave();
  return true;
}

void StepGate::Leave() {
  // A loop and no recursion: when the store is closed, all that wait fail one after the other.
  while (true) {
    Step next;
    {
      const MutexLock lock(mutex_);
      if (waiting_.empty()) {
        --inside_;
        return;
      }
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    if (next()) return;
  }
}

}  // namespace claviger::api
