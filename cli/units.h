// The units of an installation, and what systemd says of them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/host.h"

namespace claviger::cli {

inline constexpr std::string_view kServiceUnit = "claviger.service";

enum class UnitKind { kService, kSocket, kTimer };
struct Unit {
  std::string_view name;
  UnitKind kind;
};
inline constexpr Unit kUnits[] = {
    {kServiceUnit, UnitKind::kService},           {"claviger.socket", UnitKind::kSocket},
    {"claviger-admin.socket", UnitKind::kSocket}, {"claviger-credential.socket", UnitKind::kSocket},
    {"claviger-expire.timer", UnitKind::kTimer},  {"claviger-backup.timer", UnitKind::kTimer},
    {"claviger-audit.timer", UnitKind::kTimer},
};

// Properties of one unit by their names in systemd's interface; one that is absent reads as "".
class UnitProperties {
 public:
  explicit UnitProperties(std::map<std::string, std::string, std::less<>> values)
      : values_(std::move(values)) {}

  std::string operator[](std::string_view name) const;
  bool exists() const { return (*this)["LoadState"] == "loaded"; }
  bool active() const { return (*this)["ActiveState"] == "active"; }
  bool enabled() const { return (*this)["UnitFileState"] == "enabled"; }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

// Of each of kUnits, in that order. kUnavailable with systemctl's words if it does not answer.
Result<std::vector<UnitProperties>> AskUnits(const Host& host);

}  // namespace claviger::cli
