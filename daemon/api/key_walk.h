// A walk over all keys that have not ended, as the steps of StoreSteps.
#pragma once

#include <functional>

#include "base/clock.h"
#include "base/result.h"
#include "daemon/api/store_steps.h"
#include "daemon/store/key_repository.h"

namespace claviger::api {

// Calls `visit` for each key that has not ended at `now`, on the store thread.
std::function<Result<bool>(store::Tables&)> StepsOverLiveKeys(
    UnixSeconds now, std::function<void(const store::KeySummary&)> visit);

}  // namespace claviger::api
