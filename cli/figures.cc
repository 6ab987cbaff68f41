#include "cli/figures.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <cstddef>
#include <numeric>

#include "base/text.h"
#include "cli/json_view.h"

namespace claviger::cli {
namespace {

std::uint64_t CountOf(const boost::json::object& object, std::string_view name) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(IntOf(object, name), 0));
}

DurationHistogram DurationsOf(const boost::json::object& reply, std::string_view name) {
  const boost::json::object& durations = ObjectOf(reply, name);
  DurationHistogram histogram;
  histogram.AddTotal(CountOf(durations, "total"));
  for (const boost::json::object* bucket : ObjectsOf(ArrayOf(durations, "buckets"))) {
    histogram.Add(DurationBuckets::Of(IntOf(*bucket, "from")), CountOf(*bucket, "count"));
  }
  return histogram;
}

std::vector<BusyRow> BusyRowsOf(const boost::json::object& reply, std::string_view name,
                                std::string_view name_field) {
  std::vector<BusyRow> rows;
  for (const boost::json::object* row : ObjectsOf(ArrayOf(reply, name))) {
    rows.push_back({ShownText(*row, "key_id"), ShownText(*row, name_field), IntOf(*row, "uid"),
                    IntOf(*row, "valid"), IntOf(*row, "denied")});
  }
  return rows;
}

}  // namespace

std::int64_t Figures::verifications() const {
  return std::accumulate(verdicts.begin(), verdicts.end(), std::int64_t{0},
                         [](std::int64_t sum, const auto& verdict) { return sum + verdict.second; });
}

std::optional<double> Figures::from_memory_part() const {
  const std::int64_t looked_for = from_memory + missed;
  if (looked_for <= 0) return std::nullopt;
  return static_cast<double>(from_memory) / static_cast<double>(looked_for);
}

Figures Figures::Since(const Figures& earlier) const {
  Figures since = *this;
  if (earlier.started_at != started_at || earlier.elapsed > elapsed) return since;
  since.elapsed -= earlier.elapsed;
  for (auto& [code, count] : since.verdicts) {
    const auto same = [&, name = &code](const auto& verdict) { return verdict.first == *name; };
    const auto before = std::find_if(earlier.verdicts.begin(), earlier.verdicts.end(), same);
    if (before != earlier.verdicts.end()) count = std::max<std::int64_t>(count - before->second, 0);
  }
  since.from_memory = std::max<std::int64_t>(from_memory - earlier.from_memory, 0);
  since.missed = std::max<std::int64_t>(missed - earlier.missed, 0);
  since.at_once = at_once.Since(earlier.at_once);
  since.later = later.Since(earlier.later);
  since.token_calls = token_calls.Since(earlier.token_calls);
  since.store_reads = store_reads.Since(earlier.store_reads);
  since.store_writes = store_writes.Since(earlier.store_writes);
  return since;
}

Figures FiguresOf(const boost::json::object& reply) {
  Figures figures;
  figures.started_at = ShownText(reply, "started_at");
  figures.now = ShownText(reply, "now");
  figures.serving = BoolOf(reply, "serving");
  figures.token_state = ShownText(reply, "token_state");
  figures.elapsed = IntOf(reply, "elapsed");
  for (const auto& member : ObjectOf(reply, "verifications")) {
    if (member.value().is_int64())
      figures.verdicts.emplace_back(EscapeForDisplay(member.key()), member.value().get_int64());
  }
  figures.from_memory = IntOf(reply, "from_memory");
  figures.missed = IntOf(reply, "missed");
  figures.at_once = DurationsOf(reply, "answered_at_once");
  figures.later = DurationsOf(reply, "answered_later");
  figures.token_calls = DurationsOf(reply, "token_calls");
  figures.store_reads = DurationsOf(reply, "store_reads");
  figures.store_writes = DurationsOf(reply, "store_writes");
  figures.verifications_waiting = IntOf(reply, "verifications_waiting");
  figures.token_calls_waiting = IntOf(reply, "token_calls_waiting");
  figures.store_reads_waiting = IntOf(reply, "store_reads_waiting");
  figures.store_writes_waiting = IntOf(reply, "store_writes_waiting");
  figures.cached_keys = IntOf(reply, "cached_keys");
  figures.cache_capacity = IntOf(reply, "cache_capacity");
  figures.memory = IntOf(reply, "memory");
  figures.connections = IntOf(reply, "connections");
  figures.busiest_over = IntOf(reply, "busiest_over");
  figures.busiest_keys = BusyRowsOf(reply, "busiest_keys", "name");
  figures.busiest_callers = BusyRowsOf(reply, "busiest_callers", "unit");
  return figures;
}

}  // namespace claviger::cli
