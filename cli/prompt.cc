#include "cli/prompt.h"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kMaxLineBytes = 4096;
constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

volatile std::sig_atomic_t g_caught = 0;

void Remember(int signal) { g_caught = signal; }

// While it lives, characters are not shown, and signals wait for WaitForInput, where they are only
// remembered: nothing can end the process before the terminal is as it was.
class HiddenTyping {
 public:
  HiddenTyping() {
    g_caught = 0;
    sigset_t blocked;
    ::sigemptyset(&blocked);
    for (const int signal : kSignals) ::sigaddset(&blocked, signal);
    ::sigprocmask(SIG_BLOCK, &blocked, &mask_);
    struct sigaction remember {};
    remember.sa_handler = Remember;
    for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &remember, &actions_[i]);
    if (::tcgetattr(STDIN_FILENO, &settings_) != 0) return;
    termios hidden = settings_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
  }
  ~HiddenTyping() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings_);
    for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &actions_[i], nullptr);
    ::sigprocmask(SIG_SETMASK, &mask_, nullptr);
  }
  HiddenTyping(const HiddenTyping&) = delete;
  HiddenTyping& operator=(const HiddenTyping&) = delete;

  bool hidden() const { return changed_; }

  // False if a signal came.
  bool WaitForInput() const {
    pollfd waiting{STDIN_FILENO, POLLIN, 0};
    while (g_caught == 0) {
      if (::ppoll(&waiting, 1, nullptr, &mask_) > 0) return true;
    }
    return false;
  }

 private:
  sigset_t mask_{};
  std::array<struct sigaction, kSignals.size()> actions_{};
  termios settings_{};
  bool changed_ = false;
};

void Ask(std::string_view question) {
  // A question that cannot be shown is still answered or not.
  static_cast<void>(!::write(STDERR_FILENO, question.data(), question.size()));
}

enum class LineEnd { kLine, kEndOfInput, kSignal, kTooLong };

// Reads one line into `line`, without its end. `typing` is null if what is typed is shown.
LineEnd ReadLine(WipingBuffer& line, const HiddenTyping* typing) {
  line.reserve(kMaxLineBytes);
  for (;;) {
    if (typing != nullptr && !typing->WaitForInput()) return LineEnd::kSignal;
    char c = 0;
    const ssize_t got = ::read(STDIN_FILENO, &c, 1);
    if (got == 1 && c == '\n') return LineEnd::kLine;
    if (got == 1 && line.size() == kMaxLineBytes) return LineEnd::kTooLong;
    if (got == 1) {
      line.push_back(c);
    } else if (got == 0 || errno != EINTR) {
      return LineEnd::kEndOfInput;
    }
  }
}

Failure LineFailure(LineEnd end) {
  if (end == LineEnd::kTooLong) return Failure{protocol::kExitFailure, "the line is too long", ""};
  return Failure{protocol::kExitFailure, "nothing was typed; nothing was done", ""};
}

}  // namespace

Outcome<Secret> PromptSecret(std::string_view question) {
  for (;;) {
    WipingBuffer line;
    LineEnd end = LineEnd::kEndOfInput;
    {
      const HiddenTyping typing;
      if (!typing.hidden()) {
        return Failure{protocol::kExitFailure, "the terminal cannot hide what is typed",
                       "give the secret in a file or on standard input"};
      }
      Ask(question);
      end = ReadLine(line, &typing);
      Ask("\n");
    }
    if (end == LineEnd::kLine) return Secret::FromText(std::string_view(line.data(), line.size()));
    if (end != LineEnd::kSignal) return LineFailure(end);
    ::raise(g_caught);  // ends the process, or stops it until it is continued: then ask again
  }
}

Outcome<std::string> PromptText(std::string_view question) {
  Ask(question);
  WipingBuffer line;
  const LineEnd end = ReadLine(line, nullptr);
  if (end != LineEnd::kLine) {
    Ask("\n");
    return LineFailure(end);
  }
  std::string_view answer(line.data(), line.size());
  while (answer.starts_with(' ')) answer.remove_prefix(1);
  while (answer.ends_with(' ')) answer.remove_suffix(1);
  return std::string(answer);
}

Outcome<bool> PromptYes(std::string_view question) {
  Ask(question);
  WipingBuffer line;
  const LineEnd end = ReadLine(line, nullptr);
  if (end == LineEnd::kEndOfInput) Ask("\n");
  const std::string_view answer(line.data(), line.size());
  return end == LineEnd::kLine && (answer == "y" || answer == "yes");
}

}  // namespace claviger::cli
