// Signals to end, held back until the terminal is in order.
#pragma once

#include <array>
#include <csignal>

namespace claviger::cli::wizard {

// While it lives, the signals that end a program (SIGINT, SIGTERM, SIGHUP, SIGQUIT) are only remembered, and
// they, the terminal's stop and its changes of size arrive only during Wait. One at a time.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  enum class Event {
    kInput,
    kNothing,  // the time is over, or some other signal came
    kEnd       // a signal to end came, or the terminal has gone
  };
  // `milliseconds` < 0: without end.
  Event Wait(int fd, int milliseconds) const;
  // The signal to end, or 0.
  int caught() const;

 private:
  static constexpr std::array kEnding = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

  sigset_t mask_{};  // as it was
  std::array<struct sigaction, kEnding.size()> actions_{};
};

// Ends this process as the signal does by itself.
void EndBy(int signal);

}  // namespace claviger::cli::wizard
