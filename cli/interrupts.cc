#include "cli/interrupts.h"

#include <poll.h>

#include <algorithm>

namespace claviger::cli {
namespace {

volatile std::sig_atomic_t g_interrupted = 0;

void Remember(int) { g_interrupted = 1; }

}  // namespace

Interrupts::Interrupts() {
  g_interrupted = 0;
  sigset_t blocked;
  ::sigemptyset(&blocked);
  struct sigaction remember {};
  remember.sa_handler = Remember;
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], nullptr, &actions_[i]);
    if (actions_[i].sa_handler == SIG_IGN) continue;  // as nohup wants it
    ::sigaction(kSignals[i], &remember, nullptr);
    ::sigaddset(&blocked, kSignals[i]);
  }
  ::sigprocmask(SIG_BLOCK, &blocked, &mask_);
}

Interrupts::~Interrupts() {
  ::sigprocmask(SIG_SETMASK, &mask_, nullptr);  // first: one that waits must not end the process
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &actions_[i], nullptr);
}

bool Interrupts::caught() const {
  sigset_t pending;
  ::sigpending(&pending);
  return g_interrupted != 0 || std::any_of(kSignals.begin(), kSignals.end(),
                                           [&](int signal) { return ::sigismember(&pending, signal) == 1; });
}

bool Interrupts::WaitForInput(int fd) const {
  pollfd waiting{fd, POLLIN, 0};
  while (!caught()) {
    // Only here can they come: none is lost between the question and the wait.
    if (::ppoll(&waiting, 1, nullptr, &mask_) > 0) return true;
  }
  return false;
}

}  // namespace claviger::cli
