#include "cli/prompt.h"

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
constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};

volatile std::sig_atomic_t g_caught = 0;

void Remember(int signal) { g_caught = signal; }

// While it lives, characters are not shown and signals are only remembered, so that nothing can end the
// process before the terminal is as it was.
class HiddenTyping {
 public:
  HiddenTyping() {
    g_caught = 0;
    struct sigaction remember {};
    remember.sa_handler = Remember;  // without SA_RESTART: a signal ends the read
    for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &remember, &actions_[i]);
    if (::tcgetattr(STDIN_FILENO, &settings_) != 0) return;
    termios hidden = settings_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
  }
  ~HiddenTyping() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings_);
    for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &actions_[i], nullptr);
  }
  HiddenTyping(const HiddenTyping&) = delete;
  HiddenTyping& operator=(const HiddenTyping&) = delete;

  bool hidden() const { return changed_; }

 private:
  std::array<struct sigaction, kSignals.size()> actions_{};
  termios settings_{};
  bool changed_ = false;
};

void Ask(std::string_view question) {
  // A question that cannot be shown is still answered or not.
  static_cast<void>(!::write(STDERR_FILENO, question.data(), question.size()));
}

enum class LineEnd { kLine, kEndOfInput, kSignal, kTooLong };

// Reads one line into `line`, without its end.
LineEnd ReadLine(WipingBuffer& line) {
  line.reserve(kMaxLineBytes);
  for (;;) {
    char c = 0;
    const ssize_t got = ::read(STDIN_FILENO, &c, 1);
    if (got == 1 && c == '\n') return LineEnd::kLine;
    if (got == 1 && line.size() == kMaxLineBytes) return LineEnd::kTooLong;
    if (got == 1) {
      line.push_back(c);
    } else if (got < 0 && errno == EINTR) {
      if (g_caught != 0) return LineEnd::kSignal;
    } else {
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
      end = ReadLine(line);
      Ask("\n");
    }
    if (end == LineEnd::kLine) return Secret::FromText(std::string_view(line.data(), line.size()));
    if (end != LineEnd::kSignal) return LineFailure(end);
    ::raise(g_caught);  // ends the process, or stops it until it is continued: then ask again
  }
}

Outcome<bool> PromptYes(std::string_view question) {
  g_caught = 0;
  Ask(question);
  WipingBuffer line;
  const LineEnd end = ReadLine(line);
  if (end == LineEnd::kEndOfInput) Ask("\n");
  const std::string_view answer(line.data(), line.size());
  return end == LineEnd::kLine && (answer == "y" || answer == "yes");
}

}  // namespace claviger::cli
