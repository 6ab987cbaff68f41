// Questions and answers, line by line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal.h"
#include "cli/wizard/interruption.h"

namespace claviger::cli::wizard {

// Writes to standard error, reads standard input, which is a terminal. Thread-compatible.
class LineTerminal {
 public:
  static constexpr std::size_t kMaxLineBytes = 4096;

  LineTerminal(const Terminal& terminal, const Interruption& interruption);

  // A paragraph, broken at spaces where the terminal ends; further lines begin with `indent` spaces.
  void Say(std::string_view text, std::size_t indent = 0);
  // Text as it is, and a line's end.
  void Write(std::string_view text);
  // The line that is typed, without spaces at its ends. Absent if a signal or the end of input came instead.
  // What was typed before the question is dropped: it is the rest of something pasted.
  std::optional<std::string> Ask(std::string_view question);

  std::size_t width() const { return width_; }

 private:
  std::size_t width_;
  const Interruption& interruption_;
};

}  // namespace claviger::cli::wizard
