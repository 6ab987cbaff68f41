#include "hsm/worker_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <vector>

extern char** environ;

namespace claviger::hsm {
namespace {

constexpr int kWorkerSocket = 3;

// What systemd addressed to clavigerd, and what looks as if it held a secret. The rest goes along, because
// modules are configured by variables of their own.
bool BelongsToWorker(std::string_view variable) {
  const std::string_view name = variable.substr(0, variable.find('='));
  for (const std::string_view own : {"CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID",
                                     "LISTEN_FDNAMES", "WATCHDOG_USEC", "WATCHDOG_PID"}) {
    if (name == own) return false;
  }
  return !name.ends_with("_PIN") && name.find("PASSWORD") == std::string_view::npos &&
         name.find("SECRET") == std::string_view::npos;
}

// The signals that the worker ignores are blocked until it does.
sigset_t SignalsToBlock() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) sigaddset(&set, signal);
  return set;
}

int Spawn(const WorkerCommand& command, int socket, pid_t& pid) {
  const std::string fd = std::to_string(kWorkerSocket);
  const std::array<const char*, 8> arguments = {
      command.path.c_str(), "--module", command.module.c_str(), "--uri", command.uri.c_str(), "--fd",
      fd.c_str(),           nullptr};
  std::vector<char*> environment;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    if (BelongsToWorker(*variable)) environment.push_back(*variable);
  }
  environment.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  if (const int error = posix_spawn_file_actions_init(&actions); error != 0) return error;
  if (const int error = posix_spawnattr_init(&attributes); error != 0) {
    posix_spawn_file_actions_destroy(&actions);
    return error;
  }
  const sigset_t mask = SignalsToBlock();
  int error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (error == 0) error = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  if (error == 0) error = posix_spawn_file_actions_adddup2(&actions, socket, kWorkerSocket);
  if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(&actions, kWorkerSocket + 1);
  if (error == 0) error = posix_spawnattr_setsigmask(&attributes, &mask);
  if (error == 0) error = posix_spawnattr_setpgroup(&attributes, 0);
  if (error == 0) {
    error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  }
  if (error == 0) {
    error = posix_spawn(&pid, command.path.c_str(), &actions, &attributes,
                        const_cast<char* const*>(arguments.data()), environment.data());
  }
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

std::string DescribeEnding(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return fmt::format("exited with status {}", info.si_status);
  return fmt::format("was killed by signal {}", info.si_status);
}

}  // namespace

Result<WorkerProcess> WorkerProcess::Start(const WorkerCommand& command) {
  std::array<int, 2> pair{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()) != 0) {
    return ErrnoError(ErrorCode::kUnavailable, "cannot make a socket pair for claviger-token", errno);
  }
  UniqueFd ours(pair[0]), theirs(pair[1]);
  // The worker waits in recv; only our end is non-blocking.
  if (fcntl(theirs.get(), F_SETFL, 0) != 0) {
    return ErrnoError(ErrorCode::kUnavailable, "cannot set up the socket of claviger-token", errno);
  }
  pid_t pid = -1;
  if (const int error = Spawn(command, theirs.get(), pid); error != 0) {
    return ErrnoError(ErrorCode::kConfiguration, "cannot execute " + command.path, error);
  }
  UniqueFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  const int error = errno;
  WorkerProcess process(std::move(ours), std::move(pidfd), pid);
  if (!process.pidfd_) return ErrnoError(ErrorCode::kUnavailable, "cannot watch claviger-token", error);
  return process;
}

WorkerProcess::WorkerProcess(WorkerProcess&& other) noexcept
    : socket_(std::move(other.socket_)),
      pidfd_(std::move(other.pidfd_)),
      pid_(std::exchange(other.pid_, -1)),
      ending_(std::move(other.ending_)) {}

WorkerProcess::~WorkerProcess() {
  if (pid_ < 0) return;
  Kill();
  siginfo_t info{};
  while (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED) != 0 && errno == EINTR) continue;
}

// Only a process that was not reaped is signalled, so that its number cannot have gone to another one.
void WorkerProcess::Signal(int signal) {
  if (pid_ > 0) ::kill(pid_, signal);
}

void WorkerProcess::Kill() { Signal(SIGKILL); }

void WorkerProcess::Continue() { Signal(SIGCONT); }

bool WorkerProcess::Reap() {
  if (pid_ < 0) return true;
  siginfo_t info{};
  if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG) == 0 && info.si_pid == 0) return false;
  ending_ = info.si_pid != 0 ? DescribeEnding(info) : "ended";
  pid_ = -1;
  return true;
}

bool WorkerProcess::WaitForEnd(std::chrono::milliseconds timeout) {
  pollfd watched{pidfd_.get(), POLLIN, 0};
  if (!Reap()) poll(&watched, 1, static_cast<int>(timeout.count()));
  return Reap();
}

}  // namespace claviger::hsm
