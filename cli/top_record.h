// What claviger top --json prints for each interval.
#pragma once

#include <boost/json/object.hpp>

#include "cli/figures.h"

namespace claviger::cli {

// `now`: the last reading; `since`: what happened since the one before. Durations are nanoseconds. What
// cannot be known, since nothing happened, is null.
boost::json::object TopRecord(const Figures& now, const Figures& since);

}  // namespace claviger::cli
