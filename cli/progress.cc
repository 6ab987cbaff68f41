#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace claviger::cli {
namespace {

constexpr std::size_t kLongWork = 500;
constexpr std::size_t kBarWidth = 20;

void Write(std::string_view text) {
  // Progress that cannot be shown is no failure.
  static_cast<void>(!::write(STDERR_FILENO, text.data(), text.size()));
}

}  // namespace

Progress::Progress(const Context& context, std::string_view verb, std::size_t total)
    : verb_(verb),
      total_(total),
      wanted_(::isatty(STDERR_FILENO) == 1 && !context.invocation().Has("quiet") &&
              (total == 0 || total > kLongWork)) {}

void Progress::Show(std::size_t count) {
  if (!wanted_ || count < std::min(total_, kLongWork) || count == 0) return;
  std::string line = fmt::format("{} {}", verb_, count);
  if (total_ > 0) {
    const std::size_t done = std::min(count, total_) * kBarWidth / total_;
    line += fmt::format(" of {} [{:#<{}}{:-<{}}]", total_, "", done, "", kBarWidth - done);
  }
  const std::size_t width = line.size();
  if (width < width_) line.append(width_ - width, ' ');
  Write("\r" + line);
  width_ = width;
}

void Progress::Clear() {
  if (width_ > 0) Write("\r" + std::string(width_, ' ') + "\r");
  width_ = 0;
}

}  // namespace claviger::cli
