// What `doctor` says of units and timers.
#pragma once

#include <boost/json/array.hpp>

#include "cli/host.h"

namespace claviger::cli {

// A row for each of kUnits and one for what has failed; a single one where systemd does not run.
void ExamineUnits(const Host& host, boost::json::array& rows);

}  // namespace claviger::cli
