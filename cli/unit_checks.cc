#include "cli/unit_checks.h"

#include <fmt/format.h>

#include <iterator>
#include <sstream>

#include "cli/check_rows.h"
#include "cli/units.h"

namespace claviger::cli {
namespace {

std::string AdviceToStart(const Unit& unit) { return fmt::format("systemctl enable --now {}", unit.name); }

boost::json::object ServiceRow(const Unit& unit, const UnitProperties& properties) {
  std::string finding = properties["StatusText"].empty() ? "runs" : properties["StatusText"];
  if (!properties["DropInPaths"].empty()) finding += "; with the drop-ins " + properties["DropInPaths"];
  if (properties["WatchdogUSec"] == "0" || properties["WatchdogUSec"] == "infinity") {
    return CheckRow(unit.name, "warning", finding + "; its watchdog is off",
                    "remove WatchdogSec= from the drop-ins: without it a daemon that hangs is not replaced");
  }
  return CheckRow(unit.name, "ok", finding);
}

boost::json::object TimerRow(const Unit& unit, const UnitProperties& properties) {
  const std::string last = properties["LastTriggerUSec"], next = properties["NextElapseUSecRealtime"];
  return CheckRow(unit.name, "ok",
                  fmt::format("last {}, next {}", last.empty() || last == "n/a" ? "never" : last,
                              next.empty() || next == "n/a" ? "not told" : next));
}

boost::json::object UnitRow(const Unit& unit, const UnitProperties& properties) {
  if (!properties.exists()) {
    return CheckRow(unit.name, "failed", "systemd does not know it: " + properties["LoadState"],
                    "install the package claviger whole; a masked unit is set free by systemctl unmask");
  }
  if (!properties.active()) {
    const bool service = unit.kind == UnitKind::kService;
    return CheckRow(
        unit.name, "failed", fmt::format("is {} ({})", properties["ActiveState"], properties["Result"]),
        service ? fmt::format("systemctl start {0}; if it fails: journalctl -u {0} -n 20", unit.name)
                : AdviceToStart(unit));
  }
  if (!properties.enabled()) {
    return CheckRow(unit.name, "warning", "is active, but not after the next boot", AdviceToStart(unit));
  }
  if (properties["NeedDaemonReload"] == "yes") {
    return CheckRow(unit.name, "warning", "its file was changed and not read", "systemctl daemon-reload");
  }
  switch (unit.kind) {
    case UnitKind::kService:
      return ServiceRow(unit, properties);
    case UnitKind::kTimer:
      return TimerRow(unit, properties);
    case UnitKind::kSocket:
      break;
  }
  return CheckRow(unit.name, "ok", "listens");
}

boost::json::object FailedUnitsRow(const Host& host) {
  constexpr std::string_view kName = "failed units";
  const auto end =
      host.Run("systemctl", {"list-units", "--state=failed", "--plain", "--no-legend", "claviger*"});
  if (!end) return CheckRow(kName, "warning", end.error().message());
  std::string names;
  std::istringstream lines(end->text());
  for (std::string line; std::getline(lines, line);) {
    if (!names.empty()) names += ", ";
    names += line.substr(0, line.find(' '));
  }
  if (names.empty()) return CheckRow(kName, "ok", "none");
  return CheckRow(kName, "failed", names,
                  "journalctl -u UNIT -n 20 says why; systemctl start UNIT tries again");
}

}  // namespace

void ExamineUnits(const Host& host, boost::json::array& rows) {
  if (!host.HasSystemd()) {
    rows.push_back(CheckRow("units", "warning", "systemd does not run here, so there are none to examine",
                            "see that something else starts clavigerd, and the work of its timers"));
    return;
  }
  const auto units = AskUnits(host);
  if (!units) {
    rows.push_back(CheckRow("units", "warning", "not seen: " + units.error().message(), "run this as root"));
    return;
  }
  for (std::size_t i = 0; i < std::size(kUnits); ++i) rows.push_back(UnitRow(kUnits[i], (*units)[i]));
  rows.push_back(FailedUnitsRow(host));
}

}  // namespace claviger::cli
