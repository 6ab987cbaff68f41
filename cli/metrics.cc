#include "cli/metrics.h"

#include <fmt/format.h>

#include <string_view>

#include "base/clock.h"
#include "cli/json_view.h"

namespace claviger::cli {
namespace {

// In quotes: backslash, quote and line feed are escaped (OpenMetrics 1.0, "Escaping").
std::string LabelValue(std::string_view text) {
  std::string value = "\"";
  for (const char c : text) {
    if (c == '\\' || c == '"') value.push_back('\\');
    value += c == '\n' ? "\\n" : std::string(1, c);
  }
  return value + "\"";
}

// Writes one family after the other.
class Exposition {
 public:
  // `unit`: "" if it has none; else the name ends with it.
  void Begin(std::string_view name, std::string_view type, std::string_view unit, std::string_view help) {
    name_ = name;
    text_ += fmt::format("# TYPE {} {}\n", name, type);
    if (!unit.empty()) text_ += fmt::format("# UNIT {} {}\n", name, unit);
    text_ += fmt::format("# HELP {} {}\n", name, help);
  }
  // A sample of the family that was begun; `labels` without braces.
  template <typename Value>
  void Add(std::string_view suffix, std::string_view labels, Value value) {
    text_ += fmt::format("{}{}{}{}{} {}\n", name_, suffix, labels.empty() ? "" : "{", labels,
                         labels.empty() ? "" : "}", value);
  }
  void Gauge(std::string_view name, std::string_view unit, std::string_view help, std::int64_t value) {
    Begin(name, "gauge", unit, help);
    Add("", "", value);
  }
  void Add(std::string_view labels, const DurationHistogram& durations) {
    const std::string_view comma = labels.empty() ? "" : ",";
    std::uint64_t passed = 0;
    for (std::size_t bucket = 0; bucket + 1 < DurationBuckets::kCount; ++bucket) {
      passed += durations.Of(bucket);
      if (bucket % DurationBuckets::kParts != 0) continue;
      const double end = static_cast<double>(DurationBuckets::Begin(bucket + 1)) / 1e9;
      Add("_bucket", fmt::format("{}{}le=\"{}\"", labels, comma, end), passed);
    }
    Add("_bucket", fmt::format("{}{}le=\"+Inf\"", labels, comma), durations.count());
    Add("_count", labels, durations.count());
    Add("_sum", labels, static_cast<double>(durations.total()) / 1e9);
  }
  std::string Finish() && { return std::move(text_) + "# EOF\n"; }

 private:
  std::string text_;
  std::string name_;
};

// A time of the status, in seconds; nothing if it is absent.
void AddTime(Exposition& exposition, const boost::json::object& status, std::string_view field,
             std::string_view name, std::string_view help) {
  if (const auto time = ParseTime(TextOf(status, field))) exposition.Gauge(name, "seconds", help, *time);
}

void AddStatus(Exposition& exposition, const boost::json::object& status) {
  exposition.Begin("claviger_build", "info", "", "The daemon's version.");
  exposition.Add("_info", "version=" + LabelValue(TextOf(status, "version")), 1);
  exposition.Gauge("claviger_serving", "", "1 if verifications are answered with verdicts.",
                   BoolOf(status, "serving") ? 1 : 0);
  exposition.Gauge("claviger_clock_suspect", "", "1 if the wall clock jumped and is not followed.",
                   BoolOf(status, "clock_suspect") ? 1 : 0);
  AddTime(exposition, status, "started_at", "claviger_start_time_seconds", "When the daemon was started.");
  AddTime(exposition, status, "newest_backup_at", "claviger_newest_backup_time_seconds",
          "When the newest backup was made.");
  AddTime(exposition, status, "newest_checkpoint_at", "claviger_newest_checkpoint_time_seconds",
          "When the newest checkpoint of the audit log was made.");
  if (status.contains("keys"))
    exposition.Gauge("claviger_keys", "", "Keys in the database, ended ones included.",
                     IntOf(status, "keys"));
  exposition.Gauge("claviger_scopes", "", "Scopes in the catalogue.", IntOf(status, "scopes"));
}

void AddResources(Exposition& exposition, const Figures& figures) {
  exposition.Gauge("claviger_connections", "", "Connections that are open.", figures.connections);
  exposition.Gauge("claviger_cached_keys", "", "Keys in memory.", figures.cached_keys);
  exposition.Gauge("claviger_cache_capacity_keys", "keys", "Keys that may be in memory at most.",
                   figures.cache_capacity);
  exposition.Gauge("claviger_resident_memory_bytes", "bytes", "Memory of the daemon that is in RAM.",
                   figures.memory);
}

void AddVerifications(Exposition& exposition, const Figures& figures) {
  exposition.Begin("claviger_verifications", "counter", "", "Verifications answered, by verdict.");
  for (const auto& [code, count] : figures.verdicts)
    exposition.Add("_total", "verdict=" + LabelValue(code), count);
  exposition.Begin("claviger_cache_lookups", "counter", "",
                   "Keys that were looked for in memory, by whether database or token had to be asked.");
  exposition.Add("_total", R"(result="hit")", figures.from_memory);
  exposition.Add("_total", R"(result="miss")", figures.missed);
}

void AddDurations(Exposition& exposition, const Figures& figures) {
  exposition.Begin("claviger_verification_duration_seconds", "histogram", "seconds",
                   "Time until a verification was answered, at once or after a wait for database or token.");
  exposition.Add(R"(answered="at_once")", figures.at_once);
  exposition.Add(R"(answered="later")", figures.later);
  exposition.Begin("claviger_token_call_duration_seconds", "histogram", "seconds",
                   "Time until the token had answered.");
  exposition.Add("", figures.token_calls);
  exposition.Begin("claviger_store_duration_seconds", "histogram", "seconds",
                   "Time until the database had answered; a write is answered when it is durable.");
  exposition.Add(R"(work="read")", figures.store_reads);
  exposition.Add(R"(work="write")", figures.store_writes);
  exposition.Begin("claviger_waiting", "gauge", "", "What has been asked and not been answered now.");
  exposition.Add("", R"(work="verification")", figures.verifications_waiting);
  exposition.Add("", R"(work="token_call")", figures.token_calls_waiting);
  exposition.Add("", R"(work="store_read")", figures.store_reads_waiting);
  exposition.Add("", R"(work="store_write")", figures.store_writes_waiting);
}

}  // namespace

std::string MetricsText(const boost::json::object& status, const Figures& figures) {
  Exposition exposition;
  AddStatus(exposition, status);
  AddResources(exposition, figures);
  AddVerifications(exposition, figures);
  AddDurations(exposition, figures);
  return std::move(exposition).Finish();
}

}  // namespace claviger::cli
