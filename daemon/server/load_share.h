// Decides how many loops the connections are shared out to: as many as the load needs, since a thread more
// costs wake-ups and, where all processors are busy, is in the way of the callers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace claviger::server {

// Thread-compatible. One more loop is tried when those there are have hardly time left and there is a
// connection for it, and kept if clearly more is answered with it than before. One less is tried when they
// have some time left, and kept if hardly less is answered; it is enough when they are idle for most of the
// time.
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
  // One more is kept if it adds at least this part of what each of the others answers.
  static constexpr double kWorthIt = 0.15;
  // One less is kept if at least this part of what was answered still is.
  static constexpr double kEnough = 0.95;
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
  // kTrying, kSettling: a loop has been added or given up; the window in which connections moved is not
  // looked at.
  enum class Phase { kSteady, kSettling, kTrying };

  // When one loop more is tried again, or one less.
  struct Tries {
    SteadyTime next{};
    std::chrono::seconds pause = kFirstPause;

    void PutOff(SteadyTime now);
  };

  std::size_t Try(std::size_t loops, const Window& window);
  void Judge(const Window& window, SteadyTime now);

  const std::size_t most_;
  std::size_t active_;
  Phase phase_ = Phase::kSteady;
  std::size_t loops_before_ = 0;  // without the try; so is the next
  double before_ = 0;             // frames per second
  std::size_t tried_with_ = 0;    // connections there were at the last try
  Tries more_, fewer_;
};

}  // namespace claviger::server
