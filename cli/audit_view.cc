#include "cli/audit_view.h"

#include <fmt/format.h>

#include "cli/json_view.h"

namespace claviger::cli {

std::string ProcessOf(const boost::json::object& record) {
  const std::int64_t pid = IntOf(record, "pid");
  if (pid == 0) return "clavigerd";
  std::string process = fmt::format("{}[{}]", ShownText(record, "command"), pid);
  const std::string unit = ShownText(record, "unit");
  return unit.empty() ? process : fmt::format("{} of {}", process, unit);
}

std::string NameOfKey(const boost::json::object& record) {
  const std::string after = ShownText(ObjectOf(record, "after"), "name");
  return after.empty() ? ShownText(ObjectOf(record, "before"), "name") : after;
}

}  // namespace claviger::cli
