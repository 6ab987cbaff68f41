// What a reload can change, as one immutable snapshot: a call sees one state of it from beginning to end.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "daemon/api/failure_budget.h"
#include "daemon/keys/authorization.h"
#include "daemon/keys/catalogue.h"
#include "daemon/keys/notice.h"
#include "daemon/keys/policy.h"
#include "daemon/keys/principal.h"
#include "daemon/keys/unit_policy.h"

namespace claviger::api {

struct LiveSettings {
  keys::Policy policy;
  keys::Roles roles;
  std::vector<keys::Ceiling> ceilings;  // of issuers
  std::vector<keys::UnitRule> units;    // which units get keys
  keys::NoticeSettings notices;
  std::shared_ptr<const keys::Catalogue> catalogue;  // never null
  FailureLimits failures;
  std::chrono::seconds proof_lifetime{300};
  std::string key_prefix = "clv";
  std::size_t backups_kept = 14;
};

using LiveSettingsPtr = std::shared_ptr<const LiveSettings>;

// Thread-safe. Readers that ask often compare epoch() first, which costs one load.
class CurrentSettings {
 public:
  explicit CurrentSettings(LiveSettingsPtr settings) : settings_(std::move(settings)) {}

  LiveSettingsPtr Get() const EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    return settings_;
  }
  std::uint64_t epoch() const { return epoch_.load(std::memory_order_acquire); }
  void Replace(LiveSettingsPtr settings) EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    settings_ = std::move(settings);
    epoch_.fetch_add(1, std::memory_order_release);
  }

 private:
  mutable Mutex mutex_;
  LiveSettingsPtr settings_ GUARDED_BY(mutex_);
  std::atomic<std::uint64_t> epoch_{1};
};

}  // namespace claviger::api
