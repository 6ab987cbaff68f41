// ListKeys and CountKeys on the store thread, in steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "daemon/api/management.h"
#include "daemon/api/ref_walk.h"
#include "daemon/store/key_repository.h"

namespace claviger::api {

// One page of a list. It sees the keys that were there at its first step; what it finds is read as it is when
// it is read.
class KeyListing {
 public:
  // `query.limit`: 1 to kMaxPageSize, the size of the page.
  explicit KeyListing(store::KeyQuery query);

  // As ManagementStep.
  Result<bool> Step(store::Tables& tables, ManagementOutcome& outcome);

 private:
  // How many of the page's records one step reads.
  static constexpr std::size_t kReadStep = 100;

  Result<RefWalk> Start(store::Tables& tables) const;
  Status Scan(store::Tables& tables, ManagementOutcome& outcome);
  void EndScan(ManagementOutcome& outcome);
  Status Read(store::Tables& tables, ManagementOutcome& outcome);

  store::KeyQuery query_;  // with one key more than the page has
  bool in_walk_order_;     // the order is that of the walk: it ends where the page is full
  bool started_ = false;
  bool scanned_ = false;
  RefWalk walk_;
  std::vector<store::KeyCursor> found_;  // the best so far, in the query's order
  std::size_t read_ = 0;                 // of found_
};

class KeyCounting {
 public:
  explicit KeyCounting(store::KeyFilter filter) : filter_(std::move(filter)) {}

  // As ManagementStep.
  Result<bool> Step(store::Tables& tables, ManagementOutcome& outcome);

 private:
  const store::KeyFilter filter_;
  bool started_ = false;
  RefWalk walk_;
  std::int64_t count_ = 0;
};

}  // namespace claviger::api
