#include "cli/wizard/line_terminal.h"

#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/text.h"
#include "cli/output.h"
#include "cli/text_width.h"

namespace claviger::cli::wizard {
namespace {

constexpr std::size_t kMostLineWidth = 80;

}  // namespace

LineTerminal::LineTerminal(const Terminal& terminal, const Interruption& interruption)
    : width_(std::min(terminal.width, kMostLineWidth)), interruption_(interruption) {}

void LineTerminal::Say(std::string_view text, std::size_t indent) {
  std::string page;
  bool first = true;
  for (const std::string& line : WrapWords(text, width_ - indent)) {
    if (!first) page.append("\n").append(indent, ' ');
    page += line;
    first = false;
  }
  PrintError(page);
}

void LineTerminal::Write(std::string_view text) { PrintError(text); }

std::optional<std::string> LineTerminal::Ask(std::string_view question) {
  static_cast<void>(::tcflush(STDIN_FILENO, TCIFLUSH));
  const std::string shown = std::string(question) + " ";
  static_cast<void>(!::write(STDERR_FILENO, shown.data(), shown.size()));
  std::string line;
  for (;;) {
    const Interruption::Event event = interruption_.Wait(STDIN_FILENO, -1);
    if (event == Interruption::Event::kNothing) continue;
    char c = 0;
    const ssize_t got = event == Interruption::Event::kInput ? ::read(STDIN_FILENO, &c, 1) : 0;
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      PrintError("");
      return std::nullopt;
    }
    if (c == '\n') return std::string(Trimmed(line));
    if (line.size() < kMaxLineBytes) line.push_back(c);
  }
}

}  // namespace claviger::cli::wizard
