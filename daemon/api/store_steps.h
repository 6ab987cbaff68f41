// The daemon's own work on the store, in steps.
#pragma once

#include <functional>

#include "base/result.h"
#include "daemon/store/store_thread.h"

namespace claviger::api {

// Each step is an item of its own in the store's queue, so that long walks hold up nobody, and, of a write, a
// transaction of its own.
struct StoreSteps {
  std::function<Result<bool>(store::Tables&)> step;  // true: that was the last
  std::function<void()> committed;                   // after each step; may be empty
  std::function<void(const Status&)> done;           // once, at the end; an error ends the work
  bool unhurried = false;                            // as StoreThread::SubmitUnhurried
};

// Returns at once. What it calls runs on the store thread; `done` on this one if nothing could be queued.
void RunSteps(store::StoreThread& store, store::WorkKind kind, StoreSteps steps);

// The same, and waits for the end. Not on the store thread. `step` may refer to what the caller owns.
Status RunStepsAndWait(store::StoreThread& store, store::WorkKind kind,
                       std::function<Result<bool>(store::Tables&)> step);

}  // namespace claviger::api
