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
  // After tries in vain it is left out this often at most before the next.
  static constexpr unsigned kMostLeftOut = 1024;

  // Whether to try this time.
  bool Due() {
    if (left_out_ == 0) return true;
    --left_out_;
    return false;
  }
  // What came of the try. Each in vain doubles the pause before the next, each that helped halves it: it goes
  // on where more than half of them help.
  void Note(bool helped) {
    pause_ = helped ? pause_ / 2 : std::min(2 * pause_ + 1, kMostLeftOut);
    left_out_ = helped ? 0 : pause_;
  }

 private:
  unsigned pause_ = 0;
  unsigned left_out_ = 0;  // tries still to be left out
};

}  // namespace claviger::server
