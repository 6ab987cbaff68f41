// The posture of all keys, gathered in one walk over them. Free of I/O.
#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "daemon/api/finding_list.h"
#include "daemon/api/live_settings.h"
#include "daemon/api/timeline.h"
#include "daemon/keys/policy.h"
#include "daemon/keys/scope.h"
#include "daemon/store/key_repository.h"

namespace claviger::api {

// In order of importance.
enum class FindingKind {
  kEndedSecretPresented,
  kExpiredPresented,
  kUnscoped,
  kLostScopes,
  kPolicy,
  kExpiring,
  kNeverUsed,
  kUnused,
  kDeleteScopes,
  kSameScopes,
  kLongLived,
};
inline constexpr std::size_t kFindingKinds = 11;
std::string_view FindingName(FindingKind kind);

// What GetReview asks for; lengths of time in seconds.
struct ReviewTerms {
  std::int64_t expiring_within = 30 * 86400;
  std::int64_t unused_for = 90 * 86400;
  std::int64_t never_used_for = 30 * 86400;
  std::int64_t lifetime_over = 180 * 86400;
  std::size_t limit = 50;  // of keys that each finding lists
};

// What a key breaks of the policy, as far as a summary tells: all but its texts, of which it tells whether
// they are there.
std::vector<keys::Violation> ViolationsOf(const LiveSettings& live, const store::KeySummary& key,
                                          UnixSeconds now);

// Its memory is bounded whatever the number of keys.
class Review {
 public:
  // A secret that should not be presented any more is reported for so long after it was.
  static constexpr std::int64_t kAlarmWindow = 30 * 86400;
  // Different sets of scopes that are compared with each other; keys with further ones are not.
  static constexpr std::size_t kMaxScopeSets = 262144;
  // Owners that are counted; further ones are not. Of these so many are listed.
  static constexpr std::size_t kMaxCountedOwners = 100000;
  static constexpr std::size_t kMaxListedOwners = 10000;

  Review(const ReviewTerms& terms, LiveSettingsPtr live, UnixSeconds now);

  // Each key once, in any order; its state is that at `now`.
  void Add(const store::KeySummary& key);

  const FindingList& finding(FindingKind kind) const { return findings_[static_cast<std::size_t>(kind)]; }
  // The reply of GetReview but for the findings.
  boost::json::object Totals() const;

 private:
  struct OwnerCounts {
    std::int64_t keys = 0, unscoped = 0, with_delete = 0;
  };
  // The first key with some scopes.
  struct ScopeSetHolder {
    std::int64_t ref = 0;
    keys::KeyId id;
    UnixSeconds last_used = 0;
    bool found = false;  // it is in the finding already
  };

  void Find(const store::KeySummary& key);
  void CountLive(const store::KeySummary& key);
  void CompareScopes(const store::KeySummary& key);
  void OfferSameScopes(std::int64_t ref, UnixSeconds last_used, const keys::KeyId& other);
  boost::json::array OwnersJson() const;
  FindingList& list(FindingKind kind) { return findings_[static_cast<std::size_t>(kind)]; }

  const ReviewTerms terms_;
  const LiveSettingsPtr live_;
  const UnixSeconds now_;
  std::vector<FindingList> findings_;  // by kind
  std::array<std::int64_t, 5> states_{};
  std::array<std::int64_t, 3> actions_{};
  std::int64_t scoped_ = 0, unscoped_ = 0, never_used_ = 0;
  Timeline expiries_, ages_, uses_;
  std::unordered_map<std::string, OwnerCounts> owners_;
  std::unordered_map<std::size_t, ScopeSetHolder> scope_sets_;  // by the hash of their text
};

}  // namespace claviger::api
