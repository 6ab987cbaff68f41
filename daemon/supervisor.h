// The main thread's work while the daemon serves: signals, operator tasks, and what has to be done now and
// then.
#pragma once

#include <chrono>
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

// Before clients are served: runs tasks until the token has answered and the database is open, if it can be.
// After a restart clients would else be told that nothing can be verified now; so they wait in the queues of
// the sockets. A token that takes longer than kTimeForToken is not waited for, nor is one when a signal came.
void AwaitToken(const Signals& signals, api::Authority& authority);
inline constexpr std::chrono::seconds kTimeForToken{3};

struct SupervisorActs {
  std::function<void()> reload;  // for each SIGHUP
  std::function<void()> tend;    // every kTendInterval
  std::function<void()> settle;  // after anything that has been done
};
// Returns when SIGTERM or SIGINT has come.
void Supervise(const Signals& signals, api::OperatorTasks& tasks, const SupervisorActs& acts);

}  // namespace claviger
