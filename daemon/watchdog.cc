#include "daemon/watchdog.h"

#include <pthread.h>
#include <systemd/sd-daemon.h>

#include <cstdint>
#include <system_error>
#include <utility>

namespace claviger {
namespace {

std::string Join(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) joined += (joined.empty() ? "" : ", ") + name;
  return joined;
}

}  // namespace

std::optional<std::chrono::microseconds> Watchdog::IntervalOfService() {
  std::uint64_t interval = 0;
  if (::sd_watchdog_enabled(0, &interval) <= 0) return std::nullopt;
  return std::chrono::microseconds(interval);
}

Result<std::unique_ptr<Watchdog>> Watchdog::Start(std::chrono::microseconds interval,
                                                  std::vector<VitalPart> parts, Acts acts) {
  std::unique_ptr<Watchdog> watchdog(new Watchdog(interval, std::move(parts), std::move(acts)));
  try {
    watchdog->thread_ = std::thread([raw = watchdog.get()] { raw->Run(); });
  } catch (const std::system_error& failure) {
    return ErrnoError(ErrorCode::kUnavailable, "start a thread", failure.code().value());
  }
  ::pthread_setname_np(watchdog->thread_.native_handle(), "watchdog");
  return Result<std::unique_ptr<Watchdog>>(std::move(watchdog));
}

Watchdog::Watchdog(std::chrono::microseconds interval, std::vector<VitalPart> parts, Acts acts)
    : pause_(interval / kChecksPerInterval), acts_(std::move(acts)), heartbeat_(std::move(parts)) {}

Watchdog::~Watchdog() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyOne();
  if (thread_.joinable()) thread_.join();
}

void Watchdog::Run() {
  while (true) {
    Check();
    const SteadyTime next = SteadyNow() + pause_;
    const MutexLock lock(mutex_);
    while (!stopping_ && changed_.WaitUntil(mutex_, next)) {
    }
    if (stopping_) return;
  }
}

void Watchdog::Check() {
  const bool alive = heartbeat_.Check(SteadyNow());
  if (alive) {
    complained_ = false;
    acts_.ping();
  } else if (!std::exchange(complained_, true)) {
    acts_.complain(Join(heartbeat_.missing()));
  }
}

}  // namespace claviger
