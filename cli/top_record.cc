#include "cli/top_record.h"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <string_view>
#include <utility>

namespace claviger::cli {
namespace {

boost::json::value Rate(std::int64_t count, double seconds) {
  if (seconds <= 0) return nullptr;
  return static_cast<double>(count) / seconds;
}

boost::json::array BusyRows(const std::vector<BusyRow>& rows, double seconds) {
  boost::json::array array;
  for (const BusyRow& row : rows) {
    boost::json::object one;
    if (!row.key_id.empty()) {
      one["key_id"] = row.key_id;
      if (!row.name.empty()) one["name"] = row.name;
    } else {
      one["uid"] = row.uid;
      if (!row.name.empty()) one["unit"] = row.name;
    }
    one["valid_per_second"] = Rate(row.valid, seconds);
    one["denied_per_second"] = Rate(row.denied, seconds);
    array.push_back(std::move(one));
  }
  return array;
}

boost::json::object DurationsRecord(const DurationHistogram& durations, double seconds) {
  constexpr std::array kPercentiles = {std::pair{"p50", 0.5}, std::pair{"p99", 0.99},
                                       std::pair{"p999", 0.999}};
  boost::json::object record = {{"per_second", Rate(static_cast<std::int64_t>(durations.count()), seconds)}};
  for (const auto& [name, part] : kPercentiles) {
    const auto percentile = durations.Percentile(part);
    record[name] = percentile ? boost::json::value(percentile->count()) : boost::json::value(nullptr);
  }
  return record;
}

}  // namespace

boost::json::object TopRecord(const Figures& now, const Figures& since) {
  const double seconds = since.seconds();
  boost::json::object verdicts;
  for (const auto& [code, count] : since.verdicts) verdicts[code] = Rate(count, seconds);
  boost::json::object durations;
  for (const FigureRow& row : kFigureRows) {
    boost::json::object record = DurationsRecord(since.*row.durations, seconds);
    if (row.waiting != nullptr) record["waiting"] = now.*row.waiting;
    durations[row.name] = std::move(record);
  }
  const auto part = since.from_memory_part();
  const double busy_seconds = static_cast<double>(now.busiest_over) / 1e9;
  return {{"at", now.now},
          {"seconds", seconds},
          {"serving", now.serving},
          {"verifications_per_second", Rate(since.verifications(), seconds)},
          {"verdicts_per_second", std::move(verdicts)},
          {"from_memory_part", part ? boost::json::value(*part) : boost::json::value(nullptr)},
          {"durations", std::move(durations)},
          {"cached_keys", now.cached_keys},
          {"cache_capacity", now.cache_capacity},
          {"memory", now.memory},
          {"connections", now.connections},
          {"busiest_keys", BusyRows(now.busiest_keys, busy_seconds)},
          {"busiest_callers", BusyRows(now.busiest_callers, busy_seconds)}};
}

}  // namespace claviger::cli
