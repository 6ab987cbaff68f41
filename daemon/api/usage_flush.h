// Usage on its way to the store: in steps, so that thousands of keys in use hold up nobody who waits for the
// store.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/result.h"
#include "daemon/store/store_thread.h"
#include "daemon/store/usage_repository.h"

namespace claviger::api {

// Used on one thread at a time.
class UsageFlush {
 public:
  // Enough that the keys of one step share pages of the database: each page that a step touches is encrypted
  // anew.
  static constexpr std::size_t kPerStep = 1024;

  // At most one increment for each key, in any order.
  explicit UsageFlush(std::vector<store::UsageIncrement> increments) : increments_(std::move(increments)) {}

  std::size_t size() const { return increments_.size(); }
  // First looks up where the usage of the keys is, then writes it from one end of the table to the other.
  // True: nothing is left. Until StepIsDurable is called the same keys are written again.
  Result<bool> WriteStep(store::Tables& tables);
  void StepIsDurable() { durable_ = reached_; }

 private:
  struct Place {
    std::int64_t ref;  // may be another key's by now: used for the order alone
    std::size_t increment;
  };

  Status FindPlaces(store::Tables& tables);

  std::vector<store::UsageIncrement> increments_;
  std::size_t looked_up_ = 0;  // increments, from the front
  std::vector<Place> places_;  // in order of `ref` once all are looked up; purged keys have none
  std::size_t durable_ = 0;    // places, from the front
  std::size_t reached_ = 0;
};

}  // namespace claviger::api
