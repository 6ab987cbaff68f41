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

void Supervise(const Signals& signals, api::OperatorTasks& tasks, const std::function<void()>& reload,
               const std::function<void()>& tend) {
  using std::chrono::steady_clock;
  auto next_tending = steady_clock::now() + api::Authority::kTendInterval;
  std::array<pollfd, 2> waits = {pollfd{signals.fd(), POLLIN, 0}, pollfd{tasks.event_fd(), POLLIN, 0}};
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_tending - steady_clock::now());
    // Interrupted or timed out: what is due is found below.
    (void)::poll(waits.data(), waits.size(), static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    signalfd_siginfo info{};
    while (::read(signals.fd(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
      if (info.ssi_signo != SIGHUP) return;
      reload();
    }
    tasks.RunAll();
    if (steady_clock::now() >= next_tending) {
      tend();
      next_tending = steady_clock::now() + api::Authority::kTendInterval;
    }
  }
}

}  // namespace claviger
