#include "daemon/traffic_report.h"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace claviger {

void TrafficReport::Tell() {
  const server::ServerCounters now = server_.counters();
  const auto invalid = now.closed_as_invalid - told_.closed_as_invalid;
  const auto limited = now.closed_by_limit - told_.closed_by_limit;
  const auto refused = now.refused - told_.refused;
  told_ = now;
  if (invalid + limited + refused == 0) return;
  api::Event event(
      api::kEventRefused,
      fmt::format(
          "connections turned away: {} for frames that are no calls, {} for passing a limit, {} at once",
          invalid, limited, refused));
  event.With("COUNT", std::to_string(invalid + limited + refused));
  authority_.Tell(std::move(event));
}

}  // namespace claviger
