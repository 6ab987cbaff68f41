// What CreateKey would do: the terms, what should be thought over, and keys that could do instead.
#pragma once

#include <boost/json/array.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

#include "daemon/api/key_acts.h"
#include "daemon/keys/catalogue.h"
#include "daemon/keys/policy.h"

namespace claviger::api {

inline constexpr std::int64_t kLongLifetime = std::int64_t{90} * 86400;  // seconds; beyond it is a warning
inline constexpr std::size_t kMaxSameScopes = 100;

// Of the terms alone: unscoped, long_lived, delete_scopes, wildcard, clamped; as array of type Warning.
boost::json::array WarningsOf(const keys::KeyTerms& terms, const keys::Catalogue& catalogue);

// The walk of one PreviewKey over all keys that have not ended. Lives on the store thread.
class KeyPreview {
 public:
  KeyPreview(KeyActs acts, keys::KeyTerms terms, UnixSeconds now);

  // One step of RunInSteps; fills the reply at the last.
  Result<bool> Step(store::Tables& tables, ManagementOutcome& outcome);

 private:
  Result<bool> Begin(store::Tables& tables, ManagementOutcome& outcome);
  void Finish(ManagementOutcome& outcome) const;

  KeyActs acts_;
  keys::KeyTerms terms_;
  std::string scopes_;  // as a summary has them
  store::KeyFilter filter_;
  std::int64_t next_ = 0;  // the first place not looked at; 0: not begun
  std::int64_t last_ = 0;
  boost::json::array same_scopes_;
};

}  // namespace claviger::api
