#include "cli/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "base/clock.h"
#include "base/text.h"
#include "base/unique_fd.h"

namespace claviger::cli {
namespace {

constexpr std::array<const char*, 5> kEnvironment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
                                                     "SYSTEMD_PAGER=", "SYSTEMD_COLORS=0", nullptr};

struct Pipe {
  UniqueFd reading, writing;
};
Result<Pipe> MakePipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return ErrnoError(ErrorCode::kUnavailable, "make a pipe", errno);
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// The whole input goes into the pipe before anyone reads: a pipe of Linux holds more than kMaxProgramInput.
Result<Pipe> PipeWith(const Secret* input) {
  auto pipe = MakePipe();
  if (!pipe) return pipe.error();
  if (input != nullptr) {
    const auto bytes = input->ExposeBytes();
    if (::write(pipe->writing.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
      return ErrnoError(ErrorCode::kUnavailable, "write a program's input", errno);
    }
  }
  pipe->writing.Reset();
  return pipe;
}

// A child that is killed and reaped if it is left behind.
class Child {
 public:
  Child() = default;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    Wait();
  }

  int Start(const ProgramCall& call, int input, int output, int errors) {
    std::vector<char*> words = {const_cast<char*>(call.path.c_str())};
    for (const std::string& argument : call.arguments) words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (const int error = ::posix_spawn_file_actions_init(&actions); error != 0) return error;
    if (const int error = ::posix_spawnattr_init(&attributes); error != 0) {
      ::posix_spawn_file_actions_destroy(&actions);
      return error;
    }
    sigset_t none, pipes;
    ::sigemptyset(&none);
    ::sigemptyset(&pipes);
    ::sigaddset(&pipes, SIGPIPE);  // ignored here, and that would be inherited
    int error = ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    if (error == 0) error = ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (error == 0) error = ::posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
    if (error == 0) error = ::posix_spawnattr_setsigmask(&attributes, &none);
    if (error == 0) error = ::posix_spawnattr_setsigdefault(&attributes, &pipes);
    if (error == 0) {
      error = ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    if (error == 0) {
      error = ::posix_spawn(&pid_, words.front(), &actions, &attributes, words.data(),
                            const_cast<char* const*>(kEnvironment.data()));
    }
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) pid_ = -1;
    return error;
  }

  // As a shell gives it.
  int Wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_ = -1;
};

// One read from `fd` onto `to`; closes it at its end.
template <class Container>
Status ReadSome(UniqueFd& fd, Container& to, const std::string& path) {
  std::array<char, 4096> piece;
  const ssize_t got = ::read(fd.get(), piece.data(), piece.size());
  if (got < 0 && errno == EINTR) return Ok();
  if (got <= 0) {
    fd.Reset();
    return Ok();
  }
  to.insert(to.end(), piece.begin(), piece.begin() + got);
  Wipe(std::span(piece));
  if (to.size() <= kMaxProgramOutput) return Ok();
  return Error(ErrorCode::kLimitExceeded,
               fmt::format("{} wrote more than {} bytes and was stopped", path, kMaxProgramOutput));
}

Status Gather(const ProgramCall& call, UniqueFd output, UniqueFd errors, ProgramEnd& end) {
  const SteadyTime deadline = SteadyNow() + call.limit;
  while (output || errors) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyNow());
    if (left.count() <= 0) {
      return Error(ErrorCode::kUnavailable,
                   fmt::format("{} did not end within {} s and was stopped; try again", call.path,
                               call.limit.count() / 1000));
    }
    std::array<pollfd, 2> waiting{{{output.get(), POLLIN, 0}, {errors.get(), POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), static_cast<int>(left.count())) <= 0) continue;
    if (waiting[0].revents != 0) {
      if (auto read = ReadSome(output, end.output, call.path); !read) return read;
    }
    if (waiting[1].revents != 0) {
      if (auto read = ReadSome(errors, end.errors, call.path); !read) return read;
    }
  }
  return Ok();
}

}  // namespace

std::string ProgramEnd::Complaint() const {
  std::string_view said = errors;
  while (said.ends_with('\n')) said.remove_suffix(1);
  if (const std::size_t line = said.rfind('\n'); line != std::string_view::npos) said.remove_prefix(line + 1);
  while (said.ends_with('.')) said.remove_suffix(1);
  return said.empty() ? fmt::format("ended with status {}", status) : EscapeForDisplay(said);
}

Result<ProgramEnd> RunProgram(const ProgramCall& call) {
  if (call.input != nullptr && call.input->size() > kMaxProgramInput) {
    return Error(ErrorCode::kLimitExceeded,
                 fmt::format("{} can be given at most {} bytes", call.path, kMaxProgramInput));
  }
  auto input = PipeWith(call.input);
  if (!input) return input.error();
  auto output = MakePipe();
  if (!output) return output.error();
  auto errors = MakePipe();
  if (!errors) return errors.error();
  Child child;
  if (const int error = child.Start(call, input->reading.get(), output->writing.get(), errors->writing.get());
      error != 0) {
    return ErrnoError(error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable, "run " + call.path,
                      error);
  }
  input->reading.Reset();
  output->writing.Reset();
  errors->writing.Reset();
  ProgramEnd end;
  if (auto gathered = Gather(call, std::move(output->reading), std::move(errors->reading), end); !gathered) {
    return gathered.error();
  }
  end.status = child.Wait();
  return end;
}

}  // namespace claviger::cli
