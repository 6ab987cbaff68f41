#include "daemon/notice_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace claviger {
namespace {

constexpr std::array<const char*, 3> kEnvironment = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", nullptr};

// A file in memory: unlike a pipe it takes all at once, whether the program reads it or not.
Result<UniqueFd> InputFile(std::string_view input) {
  UniqueFd file(::memfd_create("event", MFD_CLOEXEC));
  if (!file) return ErrnoError(ErrorCode::kUnavailable, "make a command's input", errno);
  while (!input.empty()) {
    const ssize_t written = ::write(file.get(), input.data(), input.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return ErrnoError(ErrorCode::kUnavailable, "write a command's input", errno);
    input.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::lseek(file.get(), 0, SEEK_SET) != 0) {
    return ErrnoError(ErrorCode::kUnavailable, "rewind a command's input", errno);
  }
  return file;
}

// posix_spawn's two lists, which need an end.
struct SpawnPlan {
  SpawnPlan() {
    error = ::posix_spawn_file_actions_init(&actions);
    if (error == 0 && (error = ::posix_spawnattr_init(&attributes)) != 0)
      ::posix_spawn_file_actions_destroy(&actions);
    initialised = error == 0;
  }
  ~SpawnPlan() {
    if (!initialised) return;
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  // Remembers the first error of several steps.
  void Step(int result) {
    if (error == 0) error = result;
  }

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int error = 0;
  bool initialised = false;
};

int Spawn(const std::vector<std::string>& arguments, int input, int errors, pid_t& pid) {
  std::vector<char*> words;
  words.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);

  SpawnPlan plan;
  if (!plan.initialised) return plan.error;
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  for (const int unchangeable : {SIGKILL, SIGSTOP}) ::sigdelset(&all, unchangeable);
  plan.Step(::posix_spawn_file_actions_adddup2(&plan.actions, input, STDIN_FILENO));
  plan.Step(::posix_spawn_file_actions_addopen(&plan.actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0));
  plan.Step(::posix_spawn_file_actions_adddup2(&plan.actions, errors, STDERR_FILENO));
  plan.Step(::posix_spawn_file_actions_addclosefrom_np(&plan.actions, STDERR_FILENO + 1));
  plan.Step(::posix_spawn_file_actions_addchdir_np(&plan.actions, "/"));
  plan.Step(::posix_spawnattr_setsigmask(&plan.attributes, &none));
  plan.Step(::posix_spawnattr_setsigdefault(&plan.attributes, &all));
  plan.Step(::posix_spawnattr_setpgroup(&plan.attributes, 0));
  plan.Step(::posix_spawnattr_setflags(
      &plan.attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP));
  if (plan.error != 0) return plan.error;
  return ::posix_spawn(&pid, words.front(), &plan.actions, &plan.attributes, words.data(),
                       const_cast<char* const*>(kEnvironment.data()));
}

}  // namespace

Result<NoticeProcess> NoticeProcess::Start(const std::vector<std::string>& arguments,
                                           std::string_view input) {
  auto file = InputFile(input);
  if (!file) return file.error();
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
    return ErrnoError(ErrorCode::kUnavailable, "make a pipe for a command", errno);
  }
  UniqueFd output(pipe[0]), errors(pipe[1]);
  if (::fcntl(output.get(), F_SETFL, O_NONBLOCK) != 0) {
    return ErrnoError(ErrorCode::kUnavailable, "set up a command's pipe", errno);
  }
  pid_t pid = -1;
  if (const int failed = Spawn(arguments, file->get(), errors.get(), pid); failed != 0) {
    return ErrnoError(ErrorCode::kConfiguration, "cannot be executed", failed);
  }
  NoticeProcess process(pid, UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))),
                        std::move(output));
  if (!process.pidfd_) return ErrnoError(ErrorCode::kUnavailable, "watch a command", errno);
  return process;
}

NoticeProcess::NoticeProcess(NoticeProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::move(other.pidfd_)),
      output_(std::move(other.output_)),
      said_(std::move(other.said_)),
      ending_(std::move(other.ending_)),
      succeeded_(other.succeeded_) {}

NoticeProcess::~NoticeProcess() {
  if (pid_ < 0) return;
  Kill();
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED) != 0 && errno == EINTR) continue;
}

// Only while it was not reaped, so that its number cannot have gone to another group.
void NoticeProcess::Signal(int signal) {
  if (pid_ > 0) ::kill(-pid_, signal);
}

void NoticeProcess::ReadOutput() {
  std::array<char, 4096> buffer;
  ssize_t got = 0;
  // One read: whoever writes without end must not hold up the others.
  do {
    got = ::read(output_.get(), buffer.data(), buffer.size());
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) {
    output_.Reset();
    return;
  }
  const auto room = kMaxOutput - said_.size();
  said_.append(buffer.data(), std::min(static_cast<std::size_t>(got), room));
}

bool NoticeProcess::Reap() {
  if (pid_ < 0) return true;
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG) == 0 && info.si_pid == 0)
    return false;
  pid_ = -1;
  if (output_) ReadOutput();
  succeeded_ = info.si_code == CLD_EXITED && info.si_status == 0;
  ending_ = info.si_code == CLD_EXITED ? "exited with status " : "was killed by signal ";
  ending_ += std::to_string(info.si_status);
  return true;
}

std::string NoticeProcess::Ending() const {
  const std::string first_line = said_.substr(0, said_.find('\n'));
  return first_line.empty() ? ending_ : ending_ + " and said: " + first_line;
}

}  // namespace claviger
