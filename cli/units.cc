#include "cli/units.h"

#include <fmt/format.h>

#include <iterator>
#include <sstream>

namespace claviger::cli {
namespace {

constexpr std::string_view kProperties =
    "--property=Id,LoadState,ActiveState,UnitFileState,Result,DropInPaths,WatchdogUSec,"
    "NeedDaemonReload,"
    "LastTriggerUSec,NextElapseUSecRealtime,StatusText";

}  // namespace

std::string UnitProperties::operator[](std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? "" : found->second;
}

Result<std::vector<UnitProperties>> AskUnits(const Host& host) {
  std::vector<std::string> words = {"show", std::string(kProperties)};
  for (const Unit& unit : kUnits) words.emplace_back(unit.name);
  const auto end = host.Run("systemctl", std::move(words));
  if (!end) return end.error();
  if (!end->succeeded()) return Error(ErrorCode::kUnavailable, "systemctl: " + end->Complaint());
  std::vector<UnitProperties> units;
  std::map<std::string, std::string, std::less<>> values;
  std::istringstream lines(end->text() + "\n\n");
  // systemctl puts an empty line between two units.
  for (std::string line; std::getline(lines, line);) {
    const std::size_t equals = line.find('=');
    if (equals != std::string::npos) {
      values[line.substr(0, equals)] = line.substr(equals + 1);
    } else if (!values.empty()) {
      units.emplace_back(std::exchange(values, {}));
    }
  }
  if (units.size() == std::size(kUnits)) return units;
  return Error(ErrorCode::kUnavailable, fmt::format("systemctl told of {} units where {} were asked for",
                                                    units.size(), std::size(kUnits)));
}

}  // namespace claviger::cli
