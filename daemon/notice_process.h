// A program that is told of one event.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace claviger {

// A process in a group of its own, with an environment of PATH and LANG alone, no open files but its standard
// ones, and no signal blocked or ignored. Thread-compatible; move-only. A process that was not reaped is
// killed with its group.
class NoticeProcess {
 public:
  static constexpr std::size_t kMaxOutput = 200;  // bytes that are kept of its standard error

  // Executes arguments[0], an absolute path, without a shell; `input` is its whole standard input.
  // kConfiguration if it cannot be executed, kUnavailable if something else is missing.
  static Result<NoticeProcess> Start(const std::vector<std::string>& arguments, std::string_view input);
  NoticeProcess(NoticeProcess&& other) noexcept;
  NoticeProcess& operator=(NoticeProcess&&) = delete;
  ~NoticeProcess();

  int pidfd() const { return pidfd_.get(); }    // readable once it has ended
  int output() const { return output_.get(); }  // readable while there is more; -1 once it was closed
  void ReadOutput();
  // To all of its group. The first asks for an end, the second makes one.
  void Terminate() { Signal(SIGTERM); }
  void Kill() { Signal(SIGKILL); }
  // True once it has ended; then the two below say how.
  bool Reap();
  bool succeeded() const { return succeeded_; }
  // "exited with status 1 and said: no such host".
  std::string Ending() const;

 private:
  NoticeProcess(pid_t pid, UniqueFd pidfd, UniqueFd output)
      : pid_(pid), pidfd_(std::move(pidfd)), output_(std::move(output)) {}
  void Signal(int signal);

  pid_t pid_;  // -1 once reaped
  UniqueFd pidfd_, output_;
  std::string said_;
  std::string ending_;
  bool succeeded_ = false;
};

}  // namespace claviger
