// Backups and what a restore does, as people see them.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "cli/terminal.h"

namespace claviger::cli {

// Longer than the daemon itself waits for its disk (protocol::kBackupDeadline).
inline constexpr std::chrono::seconds kBackupTimeout{660};

// "12.3 MiB".
std::string ShowSize(std::int64_t bytes);
// The reply of PlanRestore, in lines.
std::string ShowPlan(const boost::json::object& plan, const Terminal& terminal, UnixSeconds now);

}  // namespace claviger::cli
