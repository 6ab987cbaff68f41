#include "daemon/server/load_share.h"

#include <algorithm>

namespace claviger::server {

void LoadShare::Tries::PutOff(SteadyTime now) {
  next = now + pause;
  pause = std::min(2 * pause, kLongestPause);
}

std::size_t LoadShare::Observe(const Window& window, SteadyTime now) {
  if (phase_ == Phase::kSettling) {
    phase_ = Phase::kTrying;
    return active_;
  }
  if (phase_ == Phase::kTrying) {
    phase_ = Phase::kSteady;
    Judge(window, now);
    return active_;
  }
  if (window.connections > 2 * tried_with_ || 2 * window.connections < tried_with_) more_ = fewer_ = {};
  if (window.busy >= kCrowded) {
    const bool can_be_more = active_ < std::min(most_, window.connections);
    return can_be_more && now >= more_.next ? Try(active_ + 1, window) : active_;
  }
  if (active_ == 1) return active_;
  if (window.busy < kIdle) return --active_;
  return now >= fewer_.next ? Try(active_ - 1, window) : active_;
}

std::size_t LoadShare::Try(std::size_t loops, const Window& window) {
  phase_ = Phase::kSettling;
  loops_before_ = active_;
  before_ = window.frames_per_second;
  tried_with_ = window.connections;
  return active_ = loops;
}

void LoadShare::Judge(const Window& window, SteadyTime now) {
  const bool added = active_ > loops_before_;
  const double needed = added ? 1 + kWorthIt / static_cast<double>(loops_before_) : kEnough;
  const bool worth_it = window.frames_per_second >= before_ * needed;
  Tries& same = added ? more_ : fewer_;
  if (worth_it) {
    same = {};
    (added ? fewer_ : more_).PutOff(now);
  } else {
    same.PutOff(now);
    active_ = loops_before_;
  }
}

}  // namespace claviger::server
