// Usage on its way to the store: in steps, so that thousands of keys in use hold up nobody who waits for the
// store.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "daemon/store/store_thread.h"
#include "daemon/store/usage_repository.h"

namespace claviger::api {

// Used on one thread at a time.
struct UsageFlush {
  // Enough that the keys of one step share pages of the database: each page that a step touches is encrypted
  // anew.
  static constexpr std::size_t kPerStep = 1024;

  // Writes the next keys; true: those were the last. Until StepIsDurable is called the same ones are written
  // again.
  Result<bool> WriteStep(store::Tables& tables);
  void StepIsDurable() { durable = reached; }

  std::vector<store::UsageIncrement> increments;
  std::size_t durable = 0;  // so many from the front
  std::size_t reached = 0;
};

}  // namespace claviger::api
