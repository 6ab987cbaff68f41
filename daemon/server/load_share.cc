#include "daemon/server/load_share.h"

#include <algorithm>

namespace claviger::server {

std::size_t LoadShare::Observe(const Window& window, SteadyTime now) {
  if (phase_ == Phase::kSettling) {
    phase_ = Phase::kTrying;
    return active_;
  }
  if (phase_ == Phase::kTrying) {
    phase_ = Phase::kSteady;
    if (window.frames_per_second >= before_ * kWorthIt) {
      pause_ = kFirstPause;
      return active_;
    }
    next_try_ = now + pause_;
    pause_ = std::min(2 * pause_, kLongestPause);
    return --active_;
  }
  if (window.connections > 2 * tried_with_ || 2 * window.connections < tried_with_) {
    next_try_ = {};
    pause_ = kFirstPause;
  }
  if (window.busy >= kCrowded && active_ < std::min(most_, window.connections) && now >= next_try_) {
    before_ = window.frames_per_second;
    tried_with_ = window.connections;
    phase_ = Phase::kSettling;
    return ++active_;
  }
  if (window.busy < kIdle && active_ > 1) --active_;
  return active_;
}

}  // namespace claviger::server
