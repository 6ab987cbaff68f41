// Decides how many loops the connections are shared out to: as many as the load needs, since a thread more
// costs wake-ups and, where all processors are busy, is in the way of the callers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace claviger::server {

// Thread-compatible. One more loop is tried when those there are have hardly time left and there is a
// connection for it, and kept if more is answered with it than before; one less is enough when they are idle
// for most of the time.
class LoadShare {
 public:
  // What was seen of the active loops since the last time.
  struct Window {
    double busy = 0;               // the part of the time for which they were on a processor, on the average
    double frames_per_second = 0;  // of all together
    std::size_t connections = 0;   // at its end, of all together
  };

  static constexpr double kCrowded = 0.85;
  static constexpr double kIdle = 0.3;
  static constexpr double kWorthIt = 1.05;
  // A try that was not worth it is repeated after a pause, which grows from the first to the last of these;
  // at once when there are more than twice as many connections as then, or less than half.
  static constexpr std::chrono::seconds kFirstPause{1};
  static constexpr std::chrono::seconds kLongestPause{64};

  // `first` loops, at most `most`; both at least 1.
  LoadShare(std::size_t first, std::size_t most) : most_(most), active_(first) {}

  std::size_t active() const { return active_; }
  // How many loops from now on.
  std::size_t Observe(const Window& window, SteadyTime now);

 private:
  // kTrying, kSettling: a loop has been added; the window in which connections moved is not looked at.
  enum class Phase { kSteady, kSettling, kTrying };

  const std::size_t most_;
  std::size_t active_;
  Phase phase_ = Phase::kSteady;
  double before_ = 0;           // frames per second without the loop that is tried
  std::size_t tried_with_ = 0;  // connections there were at the last try
  SteadyTime next_try_{};
  std::chrono::seconds pause_ = kFirstPause;
};

}  // namespace claviger::server
