// The daemon's log: one line per event on standard error, for the journal or a terminal.
#pragma once

#include <functional>
#include <string>

#include "daemon/api/authority.h"
#include "daemon/config.h"

namespace claviger {

// Call once before the first line, and again when the level changes. Lines begin with "<priority>" where
// systemd's journal reads them (sd-daemon(3)).
void SetLogLevel(LogLevel level);

// Thread-safe. At most kLogBurst lines per kLogWindow and severity are written; the rest are counted and told
// of, so that nobody can fill the journal through us. Control characters are escaped.
void LogLine(api::Authority::Severity severity, const std::string& line);
inline constexpr int kLogBurst = 100;
inline constexpr int kLogWindowSeconds = 10;

}  // namespace claviger
