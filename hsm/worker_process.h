// The process claviger-token: its start, its socket, its end.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace claviger::hsm {

struct WorkerCommand {
  std::string path, module, uri;
};

// One started worker, which is reaped before this object goes away. Not thread-safe.
class WorkerProcess {
 public:
  // posix_spawn; the worker gets its socket as descriptor 3, our standard error, and our environment without
  // what belongs to clavigerd or looks like a secret. kConfiguration if it cannot be executed.
  static Result<WorkerProcess> Start(const WorkerCommand& command);
  WorkerProcess(WorkerProcess&&) noexcept;
  WorkerProcess& operator=(WorkerProcess&&) = delete;
  // Kills the worker if it still runs, and reaps it.
  ~WorkerProcess();

  int socket() const { return socket_.get(); }  // non-blocking; -1 after CloseSocket
  int pidfd() const { return pidfd_.get(); }    // readable once the worker is dead

  // The worker finishes the call that it is in and ends by itself.
  void CloseSocket() { socket_.Reset(); }
  void Kill();      // SIGKILL
  void Continue();  // SIGCONT
  // True once the worker is gone; does not wait.
  bool Reap();
  // Waits for its end, at most `timeout`; true if it is gone.
  bool WaitForEnd(std::chrono::milliseconds timeout);
  // How it ended: "exited with status 1", "was killed by signal 9"; "" while it runs.
  const std::string& ending() const { return ending_; }

 private:
  WorkerProcess(UniqueFd socket, UniqueFd pidfd, pid_t pid)
      : socket_(std::move(socket)), pidfd_(std::move(pidfd)), pid_(pid) {}
  void Signal(int signal);

  UniqueFd socket_;
  UniqueFd pidfd_;
  pid_t pid_;  // -1 when reaped
  std::string ending_;
};

}  // namespace claviger::hsm
