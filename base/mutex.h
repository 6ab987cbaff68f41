// std::mutex with the annotations that let clang's -Wthread-safety check who holds what.
#pragma once

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define CLAVIGER_ANNOTATE(x) __attribute__((x))
#else
#define CLAVIGER_ANNOTATE(x)
#endif
#define GUARDED_BY(x) CLAVIGER_ANNOTATE(guarded_by(x))
#define REQUIRES(...) CLAVIGER_ANNOTATE(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) CLAVIGER_ANNOTATE(locks_excluded(__VA_ARGS__))

namespace claviger {

class CLAVIGER_ANNOTATE(capability("mutex")) Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  void Lock() CLAVIGER_ANNOTATE(acquire_capability()) { mutex_.lock(); }
  void Unlock() CLAVIGER_ANNOTATE(release_capability()) { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class CLAVIGER_ANNOTATE(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) CLAVIGER_ANNOTATE(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.Lock();
  }
  ~MutexLock() CLAVIGER_ANNOTATE(release_capability()) { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Wait() gives the mutex up while it waits and holds it again when it returns. Wake-ups may be spurious.
class CondVar {
 public:
  void Wait(Mutex& mutex) REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  // False if `deadline` came first.
  template <class Clock, class Duration>
  bool WaitUntil(Mutex& mutex, const std::chrono::time_point<Clock, Duration>& deadline) REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    const bool in_time = condition_.wait_until(lock, deadline) == std::cv_status::no_timeout;
    lock.release();
    return in_time;
  }
  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace claviger
