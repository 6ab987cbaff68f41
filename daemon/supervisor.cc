#include "daemon/supervisor.h"

#include <poll.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <utility>

#include "base/clock.h"

namespace claviger {

Result<Signals> Signals::Take() {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set, number);
  if (const int failed = ::pthread_sigmask(SIG_BLOCK, &set, nullptr); failed != 0) {
    return ErrnoError(ErrorCode::kInternal, "block signals", failed);
  }
  UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return ErrnoError(ErrorCode::kInternal, "signalfd", errno);
  return Signals(std::move(fd));
}

namespace {

// Until a signal or a task waits, or `until`. True if it is a signal.
bool Wait(const Signals& signals, const api::OperatorTasks& tasks, SteadyTime until) {
  std::array<pollfd, 2> waits = {pollfd{signals.fd(), POLLIN, 0}, pollfd{tasks.event_fd(), POLLIN, 0}};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - SteadyNow());
  // Interrupted or timed out: the caller finds what is due.
  (void)::poll(waits.data(), waits.size(), static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
  return waits[0].revents != 0;
}

}  // namespace

void AwaitToken(const Signals& signals, api::Authority& authority) {
  const SteadyTime end = SteadyNow() + kTimeForToken;
  while (!authority.has_settled() && SteadyNow() < end && !Wait(signals, authority.tasks(), end)) {
    authority.tasks().RunAll();
  }
}

void Supervise(const Signals& signals, api::OperatorTasks& tasks, const SupervisorActs& acts) {
  SteadyTime next_tending = SteadyNow() + api::Authority::kTendInterval;
  while (true) {
    (void)Wait(signals, tasks, next_tending);
    signalfd_siginfo info{};
    while (::read(signals.fd(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
      if (info.ssi_signo != SIGHUP) return;
      acts.reload();
    }
    tasks.RunAll();
    if (SteadyNow() >= next_tending) {
      acts.tend();
      next_tending = SteadyNow() + api::Authority::kTendInterval;
    }
    acts.settle();
  }
}

}  // namespace claviger
