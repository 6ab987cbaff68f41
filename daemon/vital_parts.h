// What the watchdog asks, and whom it tells.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "daemon/api/authority.h"
#include "daemon/heartbeat.h"
#include "daemon/server/server.h"
#include "daemon/watchdog.h"

namespace claviger {

// Loops, store, token client and main thread. A token that is away is no death, nor is a database that is
// closed. Both must outlive the parts, and `server` must not be stopped before.
std::vector<VitalPart> VitalPartsOf(api::Authority& authority, server::Server& server);

// A watchdog that asks them and tells the service manager; none if that has not asked for one.
Result<std::unique_ptr<Watchdog>> StartWatchdog(api::Authority& authority, server::Server& server);

}  // namespace claviger
