// The main thread's work while the daemon serves: signals, operator tasks, and what has to be done now and
// then.
#pragma once

#include <functional>

#include "base/result.h"
#include "base/unique_fd.h"
#include "daemon/api/authority.h"
#include "daemon/api/operator_tasks.h"

namespace claviger {

// Blocks the signals that the daemon handles, for this thread and all that it starts after, and holds the
// descriptor that tells of them: SIGTERM and SIGINT end the daemon, SIGHUP reloads. SIGPIPE is ignored.
class Signals {
 public:
  static Result<Signals> Take();
  int fd() const { return fd_.get(); }

 private:
  explicit Signals(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

// Returns when SIGTERM or SIGINT has come. `reload` is called for each SIGHUP, `tend` every kTendInterval.
void Supervise(const Signals& signals, api::OperatorTasks& tasks, const std::function<void()>& reload,
               const std::function<void()>& tend);

}  // namespace claviger
