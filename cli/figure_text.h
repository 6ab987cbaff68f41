// Figures as people read them: short, with the unit that suits their size.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/duration_histogram.h"

namespace claviger::cli {

// What is shown for a figure that cannot be known.
inline constexpr const char* kNoFigure = "-";

// "1,234,567".
std::string ShowCount(std::int64_t count);
// "1 key", "1234 keys".
std::string CountedKeys(std::int64_t count);
// So many in each second: "0", "0.3", "9.5", "128,400". kNoFigure if no time has passed.
std::string ShowRate(std::int64_t count, double seconds);
// Two digits, as many as percentiles are right in: "9.2 us", "31 us", "1.2 ms", "3 s". kNoFigure for nullopt.
std::string ShowDuration(std::optional<std::chrono::nanoseconds> duration);
// "97.3 %"; "100 %" only if it is all. kNoFigure for nullopt.
std::string ShowPart(std::optional<double> part);
// "512 KiB", "38 MiB", "1.5 GiB". kNoFigure for 0.
std::string ShowBytes(std::int64_t bytes);

}  // namespace claviger::cli
