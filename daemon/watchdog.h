// Tells the service manager that the daemon is alive, as long as it is (WatchdogSec= of its unit).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "daemon/heartbeat.h"

namespace claviger {

// A thread of its own, since the main thread may wait for token and disk for longer than the manager does.
class Watchdog {
 public:
  struct Acts {
    std::function<void()> ping;                              // all parts are alive
    std::function<void(const std::string& parts)> complain;  // parts are missing: once, until all are back
  };

  // What the manager asked for in the environment (sd_watchdog_enabled(3)); absent: no watchdog.
  static std::optional<std::chrono::microseconds> IntervalOfService();

  // Checks `parts` kChecksPerInterval times in `interval`, and pings when all are alive. A part that is stuck
  // for a quarter more than `interval` beyond its patience is therefore never overlooked, and one that comes
  // back within three quarters costs nothing. Starts with a ping. kUnavailable if there can be no thread.
  static Result<std::unique_ptr<Watchdog>> Start(std::chrono::microseconds interval,
                                                 std::vector<VitalPart> parts, Acts acts);
  static constexpr int kChecksPerInterval = 4;
  // No act is called after this, and no part is asked.
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  Watchdog(std::chrono::microseconds interval, std::vector<VitalPart> parts, Acts acts);
  void Run() EXCLUDES(mutex_);
  void Check();

  const std::chrono::microseconds pause_;
  const Acts acts_;
  Heartbeat heartbeat_;
  bool complained_ = false;
  Mutex mutex_;
  CondVar changed_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace claviger
