#include "daemon/api/usage_flush.h"

#include <algorithm>

namespace claviger::api {

Result<bool> UsageFlush::WriteStep(store::Tables& tables) {
  reached = std::min(durable + kPerStep, increments.size());
  for (std::size_t i = durable; i < reached; ++i) {
    const Status added = tables.usage.Add(increments[i]);
    // The key may have been purged since it was used.
    if (!added && added.error().code() != ErrorCode::kNotFound) return added.error();
  }
  return reached == increments.size();
}

}  // namespace claviger::api
