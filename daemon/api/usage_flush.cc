#include "daemon/api/usage_flush.h"

#include <algorithm>

namespace claviger::api {

Status UsageFlush::FindPlaces(store::Tables& tables) {
  const std::size_t end = std::min(looked_up_ + kPerStep, increments_.size());
  for (; looked_up_ < end; ++looked_up_) {
    const Result<std::int64_t> ref = tables.usage.RefOf(increments_[looked_up_].id);
    if (ref) {
      places_.push_back({*ref, looked_up_});
    } else if (ref.error().code() != ErrorCode::kNotFound) {  // purged since it was used
      return ref.error();
    }
  }
  if (looked_up_ == increments_.size()) std::ranges::sort(places_, {}, &Place::ref);
  return Ok();
}

Result<bool> UsageFlush::WriteStep(store::Tables& tables) {
  if (looked_up_ < increments_.size()) {
    if (Status s = FindPlaces(tables); !s) return s.error();
    // What fits into one step is not worth two.
    if (increments_.size() > kPerStep) return false;
  }
  reached_ = std::min(durable_ + kPerStep, places_.size());
  for (std::size_t i = durable_; i < reached_; ++i) {
    const Status added = tables.usage.Add(increments_[places_[i].increment]);
    if (!added && added.error().code() != ErrorCode::kNotFound) return added.error();
  }
  return reached_ == places_.size();
}

}  // namespace claviger::api
