// The daemon's log: one line per event on standard error, for the journal or a terminal.
#pragma once

#include <functional>
#include <string>

#include "daemon/api/authority.h"
#include "daemon/config.h"

namespace claviger {

// What is less grave than the level is left out, here and in the structured entries of the journal. All of it
// is thread-safe.
void SetLogLevel(LogLevel level);
LogLevel CurrentLogLevel();
bool Logs(api::Severity severity);

// Whether standard error is systemd's journal (JOURNAL_STREAM, systemd.exec(5)). Then lines begin with
// "<priority>" (sd-daemon(3)).
bool LogGoesToJournal();

// At most kLogBurst lines per kLogWindow and severity are written; the rest are counted and told of, so that
// nobody can fill the journal through us. Control characters are escaped.
void LogLine(api::Severity severity, const std::string& line);
inline constexpr int kLogBurst = 100;
inline constexpr int kLogWindowSeconds = 10;

}  // namespace claviger
