// Decides when a loop looks for its next event awake for a moment before it sleeps, as hypervisors do for a
// processor that halts: to wake a thread takes longer than a caller on another processor needs for its next
// call.
#pragma once

#include <algorithm>
#include <chrono>

namespace claviger::server {

// Thread-compatible. Where it hardly ever helps, it is hardly ever tried.
class AdaptiveSpin {
 public:
  // How long one try takes at most.
  static constexpr std::chrono::microseconds kLongest{20};
  // How often it is left out after a try in vain: at least, and at most after many.
  static constexpr unsigned kLeastLeftOut = 16;
  static constexpr unsigned kMostLeftOut = 1024;

  // Whether to try this time.
  bool Due() {
    if (left_out_ == 0) return true;
    --left_out_;
    return false;
  }
  // What came of the try. One in vain costs more than one that helps gains, so it takes kLeastLeftOut of
  // these to make up for it: where fewer help, the pauses grow.
  void Note(bool helped) {
    if (helped) {
      pause_ -= std::min(pause_, 1U);
      return;
    }
    pause_ = std::min(2 * pause_ + kLeastLeftOut, kMostLeftOut);
    left_out_ = pause_;
  }

 private:
  unsigned pause_ = 0;
  unsigned left_out_ = 0;  // tries still to be left out
};

}  // namespace claviger::server
