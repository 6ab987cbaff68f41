#include "daemon/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/text.h"

namespace claviger {
namespace {

using Severity = api::Authority::Severity;

spdlog::logger& Logger() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = spdlog::stderr_logger_mt("clavigerd");
    made->set_pattern("%v");
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
  static const bool to_journal = std::getenv("JOURNAL_STREAM") != nullptr;
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

void Write(Severity severity, const std::string& line) {
  const std::string text = Prefix(severity) + EscapeForDisplay(line);
  switch (severity) {
    case Severity::kInfo:
      Logger().info(text);
      return;
    case Severity::kWarning:
      Logger().warn(text);
      return;
    case Severity::kError:
      Logger().error(text);
      return;
  }
}

}  // namespace

void SetLogLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      Logger().set_level(spdlog::level::debug);
      return;
    case LogLevel::kInfo:
      Logger().set_level(spdlog::level::info);
      return;
    case LogLevel::kWarning:
      Logger().set_level(spdlog::level::warn);
      return;
    case LogLevel::kError:
      Logger().set_level(spdlog::level::err);
      return;
  }
}

void LogLine(Severity severity, const std::string& line) {
  static RateLimit limit;
  int suppressed = 0;
  const bool admitted = limit.Admit(severity, suppressed);
  if (suppressed > 0)
    Write(Severity::kWarning, std::to_string(suppressed) + " lines were not logged: too many at once");
  if (admitted) Write(severity, line);
}

}  // namespace claviger
