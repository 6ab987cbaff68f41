#include "daemon/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <memory>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/text.h"

namespace claviger {
namespace {

using api::Severity;

static_assert(LogLevel::kDebug < LogLevel::kInfo && LogLevel::kInfo < LogLevel::kWarning &&
              LogLevel::kWarning < LogLevel::kError);
std::atomic<LogLevel> current_level{LogLevel::kInfo};

spdlog::logger& Logger() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = spdlog::stderr_logger_mt("clavigerd");
    made->set_pattern("%v");
    made->set_level(spdlog::level::trace);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

// How many lines of one severity the present window has seen.
struct Window {
  SteadyTime began{};
  int lines = 0;
};

class RateLimit {
 public:
  // Whether a line may go out now; `suppressed` is how many of the window before it did not.
  bool Admit(Severity severity, int& suppressed) EXCLUDES(mutex_) {
    const SteadyTime now = SteadyNow();
    const MutexLock lock(mutex_);
    Window& window = windows_[static_cast<std::size_t>(severity)];
    suppressed = 0;
    if (now - window.began > std::chrono::seconds(kLogWindowSeconds)) {
      suppressed = std::max(0, window.lines - kLogBurst);
      window = Window{now, 0};
    }
    return ++window.lines <= kLogBurst;
  }

 private:
  Mutex mutex_;
  std::array<Window, 3> windows_ GUARDED_BY(mutex_);
};

std::string Prefix(Severity severity) {
  const bool to_journal = LogGoesToJournal();
  switch (severity) {
    case Severity::kInfo:
      return to_journal ? "<6>" : "clavigerd: ";
    case Severity::kWarning:
      return to_journal ? "<4>" : "clavigerd: warning: ";
    case Severity::kError:
      return to_journal ? "<3>" : "clavigerd: error: ";
  }
  return "";
}

// Past the limit and the level.
void Write(Severity severity, const std::string& line) {
  Logger().critical(Prefix(severity) + EscapeForDisplay(line));
}

}  // namespace

void SetLogLevel(LogLevel level) { current_level.store(level, std::memory_order_relaxed); }

LogLevel CurrentLogLevel() { return current_level.load(std::memory_order_relaxed); }

bool Logs(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return CurrentLogLevel() <= LogLevel::kInfo;
    case Severity::kWarning:
      return CurrentLogLevel() <= LogLevel::kWarning;
    case Severity::kError:
      return true;
  }
  return true;
}

bool LogGoesToJournal() {
  static const bool goes = [] {
    const char* const stream = std::getenv("JOURNAL_STREAM");
    struct stat error {};
    if (stream == nullptr || ::fstat(STDERR_FILENO, &error) != 0) return false;
    return fmt::format("{}:{}", error.st_dev, error.st_ino) == stream;
  }();
  return goes;
}

void LogLine(Severity severity, const std::string& line) {
  static RateLimit limit;
  if (!Logs(severity)) return;
  int suppressed = 0;
  const bool admitted = limit.Admit(severity, suppressed);
  if (suppressed > 0)
    Write(Severity::kWarning, std::to_string(suppressed) + " lines were not logged: too many at once");
  if (admitted) Write(severity, line);
}

}  // namespace claviger
