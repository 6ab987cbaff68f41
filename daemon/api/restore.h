// Puts a backup in the place of the database.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <optional>
#include <string>

#include "base/result.h"
#include "daemon/api/authority.h"

namespace claviger::api {

// How many keys of one fate a plan names.
inline constexpr std::size_t kMaxKeysNamedInPlan = 100;

// What to do with keys of which nothing later than the backup is known.
enum class WithoutCurrent { kPauseAll, kReviveAll };

struct RestoreOrder {
  std::string name;  // of the backup
  bool revive = false;
  std::optional<WithoutCurrent> without_current;
  audit::Actor actor;
};

// Both on the main thread; the replies of PlanRestore and RestoreBackup. The errors are those of
// RestoreCandidate::Open, and kConflict where the order lacks `without_current` or has it without need.
Result<boost::json::object> PlanRestore(Authority& authority, const std::string& name);
// Nothing is verified or issued while the database is exchanged. After an error the database is as it was.
Result<boost::json::object> RestoreBackup(Authority& authority, const RestoreOrder& order);

}  // namespace claviger::api
