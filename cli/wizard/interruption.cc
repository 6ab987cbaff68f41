#include "cli/wizard/interruption.h"

#include <poll.h>

#include <ctime>

namespace claviger::cli::wizard {
namespace {

volatile std::sig_atomic_t g_caught = 0;

void Remember(int signal) { g_caught = signal; }

}  // namespace

Interruption::Interruption() {
  g_caught = 0;
  sigset_t blocked;
  ::sigemptyset(&blocked);
  for (const int signal : kEnding) ::sigaddset(&blocked, signal);
  ::sigaddset(&blocked, SIGTSTP);
  ::sigaddset(&blocked, SIGWINCH);
  ::sigprocmask(SIG_BLOCK, &blocked, &mask_);
  struct sigaction remember {};
  remember.sa_handler = Remember;
  for (std::size_t i = 0; i < kEnding.size(); ++i) ::sigaction(kEnding[i], &remember, &actions_[i]);
}

Interruption::~Interruption() {
  for (std::size_t i = 0; i < kEnding.size(); ++i) ::sigaction(kEnding[i], &actions_[i], nullptr);
  ::sigprocmask(SIG_SETMASK, &mask_, nullptr);
}

Interruption::Event Interruption::Wait(int fd, int milliseconds) const {
  if (g_caught != 0) return Event::kEnd;
  timespec limit{milliseconds / 1000, static_cast<long>(milliseconds % 1000) * 1'000'000};
  pollfd waiting{fd, POLLIN, 0};
  const int ready = ::ppoll(&waiting, 1, milliseconds < 0 ? nullptr : &limit, &mask_);
  if (g_caught != 0) return Event::kEnd;
  if (ready <= 0) return Event::kNothing;
  if ((waiting.revents & (POLLHUP | POLLERR | POLLNVAL)) == 0) return Event::kInput;
  g_caught = SIGHUP;  // the terminal has gone
  return Event::kEnd;
}

int Interruption::caught() const { return g_caught; }

void EndBy(int signal) {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  ::sigaction(signal, &standard, nullptr);
  ::raise(signal);
}

}  // namespace claviger::cli::wizard
