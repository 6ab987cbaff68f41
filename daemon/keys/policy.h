// What may be issued: lifetimes, unscoped keys, scopes. Free of I/O; its values come from claviger.toml.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "daemon/keys/catalogue.h"

namespace claviger::keys {

enum class UnscopedRule { kForbid, kAllowWithReason };

struct Policy {
  std::int64_t default_lifetime = 7 * 86400;    // seconds
  std::int64_t maximum_lifetime = 365 * 86400;  // seconds
  std::int64_t default_grace = 86400;           // seconds, of the old generation after a rotation
  std::int64_t maximum_grace = 7 * 86400;       // seconds
  UnscopedRule unscoped = UnscopedRule::kForbid;
};

// What someone asks for; absent times mean the policy's defaults.
struct KeyRequest {
  std::string name;
  std::string description;
  std::string owner;  // "" = the creator
  std::string team;
  std::vector<std::string> scopes;
  bool unscoped = false;
  std::string unscoped_reason;
  std::optional<UnixSeconds> not_before;
  std::optional<UnixSeconds> expires;
};

// The request with defaults filled in and every rule passed.
struct KeyTerms {
  KeyRequest request;  // scopes sorted, without doubles; owner set
  UnixSeconds not_before = 0;
  UnixSeconds expires = 0;
};

// kInvalidArgument (text, scopes, times), kDenied (policy forbids), kLimitExceeded (lifetime, number of
// scopes); the message begins with the field's name and ": ", as it is on the wire, and names the limit and
// what would be accepted ("did you mean read:policies:admin").
Result<KeyTerms> ApplyPolicy(const Policy& policy, const Catalogue& catalogue, KeyRequest request,
                             const std::string& creator, UnixSeconds now);

// The expiry of a secret that is made now: `requested` if it keeps the rules, or the policy's default if it
// is absent. A lifetime is measured from the later of `not_before` and `now`. Errors as ApplyPolicy, of the
// field "expires_at".
Result<UnixSeconds> ApplyLifetime(const Policy& policy, UnixSeconds not_before,
                                  std::optional<UnixSeconds> requested, UnixSeconds now);

}  // namespace claviger::keys
