// Signals that would end the process, put off until a piece of work is whole.
#pragma once

#include <array>
#include <csignal>

namespace claviger::cli {

// While it lives, SIGINT, SIGTERM and SIGHUP wait and disturb no call of the kernel; what came of them is
// forgotten at its end. One at a time; of the main thread.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // Whether one of them has come since.
  bool caught() const;
  // Waits until `fd` can be read, or is at its end, or in error. False if one of them came first, or before.
  bool WaitForInput(int fd) const;

 private:
  static constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP};

  sigset_t mask_{};
  std::array<struct sigaction, kSignals.size()> actions_{};
};

}  // namespace claviger::cli
