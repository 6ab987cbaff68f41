#include "daemon/api/statistics.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <boost/json/array.hpp>
#include <charconv>
#include <chrono>
#include <string_view>

#include "base/unique_fd.h"

namespace claviger::api {
namespace {

using keys::VerdictCode;

std::int64_t Nanoseconds(SteadyTime::duration duration) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count();
}

// Those that a loop answers without looking for the key.
std::uint64_t WithoutLookup(const VerdictSums& verdicts) {
  return verdicts[static_cast<std::size_t>(VerdictCode::kMalformed)] +
         verdicts[static_cast<std::size_t>(VerdictCode::kRateLimited)];
}

}  // namespace

LoopCounters& Statistics::AddLoop() {
  const MutexLock lock(mutex_);
  return *loops_.emplace_back(std::make_unique<LoopCounters>());
}

VerificationFigures Statistics::Verifications() const {
  VerificationFigures figures;
  {
    const MutexLock lock(mutex_);
    for (const auto& loop : loops_) {
      loop->MergeInto(figures.verdicts);
      loop->MergeInto(figures.at_once);
      figures.missed += loop->misses();
    }
  }
  for (const std::uint64_t count : figures.verdicts) figures.from_memory += count;
  figures.from_memory -= WithoutLookup(figures.verdicts);
  figures.waiting = deferred_.waiting();
  deferred_.MergeInto(figures.verdicts);
  figures.later = deferred_.durations();
  return figures;
}

VerdictSums Statistics::Verdicts() const {
  VerdictSums sums{};
  const MutexLock lock(mutex_);
  for (const auto& loop : loops_) loop->MergeInto(sums);
  deferred_.MergeInto(sums);
  return sums;
}

boost::json::object VerdictsJson(const VerdictSums& verdicts) {
  boost::json::object json;
  for (std::size_t code = 0; code < verdicts.size(); ++code) {
    json[keys::VerdictCodeName(static_cast<VerdictCode>(code))] = static_cast<std::int64_t>(verdicts[code]);
  }
  return json;
}

boost::json::object DurationsJson(const DurationHistogram& durations) {
  boost::json::array buckets;
  for (std::size_t bucket = 0; bucket < DurationBuckets::kCount; ++bucket) {
    if (durations.Of(bucket) == 0) continue;
    boost::json::object one = {{"from", DurationBuckets::Begin(bucket)}};
    if (bucket + 1 < DurationBuckets::kCount) one["until"] = DurationBuckets::Begin(bucket + 1);
    one["count"] = static_cast<std::int64_t>(durations.Of(bucket));
    buckets.push_back(std::move(one));
  }
  boost::json::object json = {{"count", static_cast<std::int64_t>(durations.count())},
                              {"total", static_cast<std::int64_t>(durations.total())}};
  constexpr std::array kPercentiles = {std::pair{"p50", 0.5}, std::pair{"p99", 0.99},
                                       std::pair{"p999", 0.999}};
  for (const auto& [name, part] : kPercentiles) {
    if (const auto percentile = durations.Percentile(part)) json[name] = percentile->count();
  }
  json["buckets"] = std::move(buckets);
  return json;
}

void AddBusiest(boost::json::object& reply, const BusyTime& busy,
                const std::function<std::string(const keys::KeyId&)>& name_of) {
  boost::json::array keys;
  for (const BusyKey& key : busy.keys) {
    boost::json::object one = {{"key_id", key.id.ToString()}};
    if (std::string name = name_of(key.id); !name.empty()) one["name"] = std::move(name);
    one["valid"] = key.valid;
    one["denied"] = key.denied;
    keys.push_back(std::move(one));
  }
  boost::json::array callers;
  for (const BusyCaller& caller : busy.callers) {
    boost::json::object one = {{"uid", caller.caller.uid}};
    if (!caller.caller.unit.empty()) one["unit"] = caller.caller.unit;
    one["valid"] = caller.valid;
    one["denied"] = caller.denied;
    callers.push_back(std::move(one));
  }
  reply["busiest_over"] = Nanoseconds(busy.over);
  reply["busiest_keys"] = std::move(keys);
  reply["busiest_callers"] = std::move(callers);
}

std::uint64_t ResidentBytes() {
  const UniqueFd file(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
  if (!file) return 0;
  std::array<char, 128> text{};
  const ssize_t length = ::read(file.get(), text.data(), text.size());
  if (length <= 0) return 0;
  // Its second number: pages in RAM (proc(5)).
  const std::string_view line(text.data(), static_cast<std::size_t>(length));
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return 0;
  std::uint64_t pages = 0;
  std::from_chars(line.data() + space + 1, line.data() + line.size(), pages);
  const long page_bytes = ::sysconf(_SC_PAGESIZE);
  return page_bytes > 0 ? pages * static_cast<std::uint64_t>(page_bytes) : 0;
}

}  // namespace claviger::api
