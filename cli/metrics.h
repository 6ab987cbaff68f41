// The daemon's figures as OpenMetrics 1.0 text, for a collector that reads files or runs commands.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "cli/figures.h"

namespace claviger::cli {

// `status`: the reply of GetStatus. Durations are in buckets that end at the powers of two of a nanosecond,
// from 1 us to 17 s.
std::string MetricsText(const boost::json::object& status, const Figures& figures);

}  // namespace claviger::cli
