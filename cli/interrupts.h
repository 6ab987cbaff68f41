// Signals that would end the process, put off until a piece of work is whole.
#pragma once

#include <array>
#include <csignal>

namespace claviger::cli {

// While it lives, SIGINT, SIGTERM and SIGHUP are only remembered; a call of the kernel that waits ends with
// EINTR. One at a time; of the main thread.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // Whether one of them has come since.
  bool caught() const;

 private:
  static constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP};

  std::array<struct sigaction, kSignals.size()> before_{};
};

}  // namespace claviger::cli
