#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <string_view>

namespace claviger::cli {
namespace {

constexpr std::size_t kDefaultWidth = 80;
constexpr std::size_t kNarrowest = 20;

// "" if the variable is not set.
std::string_view Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::size_t WidthOfOutput() {
  const std::string_view columns = Environment("COLUMNS");
  std::size_t width = 0;
  const auto [end, failure] = std::from_chars(columns.data(), columns.data() + columns.size(), width);
  if (failure == std::errc() && end == columns.data() + columns.size() && width >= kNarrowest) return width;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= kNarrowest) return size.ws_col;
  return kDefaultWidth;
}

bool LocaleIsUtf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = Environment(name);
    if (value.empty()) continue;
    return value.find("UTF-8") != std::string_view::npos || value.find("utf8") != std::string_view::npos;
  }
  return false;
}

}  // namespace

Terminal Terminal::Detect(const Invocation& invocation) {
  Terminal terminal;
  terminal.input = ::isatty(STDIN_FILENO) == 1 && !invocation.Has("no-input");
  terminal.output = ::isatty(STDOUT_FILENO) == 1;
  terminal.color = terminal.output && !invocation.Has("no-color") && Environment("NO_COLOR").empty() &&
                   Environment("TERM") != "dumb";
  terminal.utf8 = LocaleIsUtf8();
  if (terminal.output) terminal.width = WidthOfOutput();
  return terminal;
}

}  // namespace claviger::cli
