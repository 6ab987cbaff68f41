// The daemon's figures (io.claviger.Admin.GetStatistics), and what happened between two readings of them.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/duration_histogram.h"

namespace claviger::cli {

// A key or a caller among the busiest. Its verifications with the right secret, in the time `busiest_over`.
struct BusyRow {
  std::string key_id;  // of a key
  std::string name;    // of a key, "" if the daemon did not know it at once; of a caller its unit, "" if none
  std::int64_t uid = 0;
  std::int64_t valid = 0;
  std::int64_t denied = 0;
};

// All text is safe to show. Counts and durations are since the daemon's start.
struct Figures {
  std::string started_at;
  std::string now;
  bool serving = false;
  std::string token_state;
  std::int64_t elapsed = 0;  // nanoseconds since the start
  std::vector<std::pair<std::string, std::int64_t>> verdicts;
  std::int64_t from_memory = 0;
  std::int64_t missed = 0;
  DurationHistogram at_once;
  DurationHistogram later;
  DurationHistogram token_calls;
  DurationHistogram store_reads;
  DurationHistogram store_writes;
  // Now.
  std::int64_t verifications_waiting = 0;
  std::int64_t token_calls_waiting = 0;
  std::int64_t store_reads_waiting = 0;
  std::int64_t store_writes_waiting = 0;
  std::int64_t cached_keys = 0;
  std::int64_t cache_capacity = 0;
  std::int64_t memory = 0;  // bytes
  std::int64_t connections = 0;
  std::int64_t busiest_over = 0;  // nanoseconds; 0: nothing is known
  std::vector<BusyRow> busiest_keys;
  std::vector<BusyRow> busiest_callers;

  std::int64_t verifications() const;
  // The part of the keys that were looked for and needed neither database nor token; nullopt if none was.
  std::optional<double> from_memory_part() const;
  // `earlier` of the same daemon: what was counted since, over the time between; what is true of now, and the
  // busiest, stay. If the daemon was started anew meanwhile: all since that start.
  Figures Since(const Figures& earlier) const;
  double seconds() const { return static_cast<double>(elapsed) / 1e9; }
};

// What is absent reads as 0 or empty.
Figures FiguresOf(const boost::json::object& reply);

// The durations of which there are percentiles, in the order of the page: what each is called there and in
// JSON, and how many of them wait now.
struct FigureRow {
  const char* label;
  const char* name;
  const DurationHistogram Figures::*durations;
  const std::int64_t Figures::*waiting;  // nullptr: none ever does
};
inline constexpr FigureRow kFigureRows[] = {
    {"answered at once", "answered_at_once", &Figures::at_once, nullptr},
    {"answered after a wait", "answered_later", &Figures::later, &Figures::verifications_waiting},
    {"call to the token", "token_calls", &Figures::token_calls, &Figures::token_calls_waiting},
    {"read from the database", "store_reads", &Figures::store_reads, &Figures::store_reads_waiting},
    {"durable write", "store_writes", &Figures::store_writes, &Figures::store_writes_waiting},
};

}  // namespace claviger::cli
