#include "hsm/retired_workers.h"

#include <algorithm>
#include <utility>

namespace claviger::hsm {
namespace {

constexpr std::chrono::milliseconds kTimeToEnd{2000};
// A login that was hung for its whole deadline gets as much time again.
constexpr std::chrono::milliseconds kTimeToEndLogin{10000};
constexpr std::chrono::milliseconds kStep{50};

}  // namespace

void RetiredWorkers::Add(WorkerLink link, Manner manner) {
  const bool in_login = link.in_login();
  WorkerProcess process = std::move(link.process());
  process.CloseSocket();
  if (in_login) {
    // If someone has stopped it, it can only end by going on.
    process.Continue();
  } else if (manner == Manner::kByForce) {
    process.Kill();
  }
  workers_.push_back({std::move(process), SteadyNow() + (in_login ? kTimeToEndLogin : kTimeToEnd)});
}

void RetiredWorkers::Sweep() {
  std::vector<Retired> left;
  for (Retired& worker : workers_) {
    if (worker.process.Reap()) continue;
    if (SteadyNow() >= worker.kill_at) worker.process.Kill();
    left.push_back(std::move(worker));
  }
  workers_ = std::move(left);
}

void RetiredWorkers::Wait(std::chrono::milliseconds timeout) {
  const SteadyTime end = SteadyNow() + timeout;
  for (Sweep(); !workers_.empty() && SteadyNow() < end; Sweep()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - SteadyNow());
    workers_.front().process.WaitForEnd(std::clamp(left, std::chrono::milliseconds(0), kStep));
  }
}

void RetiredWorkers::WaitForAll() {
  while (!workers_.empty()) Wait(kTimeToEndLogin);
}

}  // namespace claviger::hsm
