// What may be issued: lifetimes, unscoped keys, scopes, names. Free of I/O; its values come from
// claviger.toml.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "daemon/keys/catalogue.h"
#include "daemon/keys/record.h"
#include "daemon/keys/scope.h"

namespace claviger::keys {

enum class UnscopedRule { kForbid, kAllowWithReason };
// What becomes of a request for more than a maximum.
enum class ExcessRule { kRefuse, kClamp };

// A POSIX extended regular expression that a whole name must match. Value type; thread-safe.
class NamePattern {
 public:
  static constexpr std::size_t kMaxBytes = 256;

  NamePattern() = default;  // matches every name
  // kInvalidArgument with what the library says of it, and for more than kMaxBytes.
  static Result<NamePattern> Parse(std::string_view text);

  const std::string& text() const { return text_; }
  bool Matches(const std::string& name) const;

  friend bool operator==(const NamePattern& a, const NamePattern& b) { return a.text_ == b.text_; }

 private:
  struct Compiled;
  std::string text_;
  std::shared_ptr<const Compiled> compiled_;
};

// A stricter rule for some keys: those that hold a scope which one of `scopes` matches (an unscoped key holds
// all), and whose owner is one of `owners`; an empty list means all keys.
struct PolicyRule {
  std::vector<ScopePattern> scopes;
  std::vector<std::string> owners;
  std::optional<std::int64_t> default_lifetime;  // seconds
  std::optional<std::int64_t> maximum_lifetime;  // seconds
  std::optional<UnscopedRule> unscoped;
};

struct Policy {
  std::int64_t default_lifetime = 7 * 86400;    // seconds
  std::int64_t maximum_lifetime = 365 * 86400;  // seconds
  std::int64_t default_grace = 86400;           // seconds, of the old generation after a rotation
  std::int64_t maximum_grace = 7 * 86400;       // seconds
  UnscopedRule unscoped = UnscopedRule::kForbid;
  bool wildcards = false;                   // whether a key may hold patterns
  ExcessRule excess = ExcessRule::kRefuse;  // of lifetimes and graces
  NamePattern names;
  bool require_description = false;
  bool require_team = false;
  // All that apply to a key hold at once; none can allow what the rest forbids.
  std::vector<PolicyRule> rules;
};

// The limits for one key, with every rule that applies.
struct LifetimeLimits {
  std::int64_t default_lifetime = 0;  // seconds; at most maximum_lifetime
  std::int64_t maximum_lifetime = 0;  // seconds
  UnscopedRule unscoped = UnscopedRule::kForbid;
};
// `scopes` is empty for an unscoped key.
LifetimeLimits LimitsFor(const Policy& policy, const std::vector<std::string>& scopes,
                         std::string_view owner);

// What someone asks for; absent times mean the policy's defaults.
struct KeyRequest {
  std::string name;
  std::string description;
  std::string owner;  // "" = the creator
  std::string team;
  std::vector<std::string> scopes;   // grants
  std::vector<std::string> bundles;  // names of the catalogue; what they hold is added to `scopes`
  bool unscoped = false;
  std::string unscoped_reason;
  std::optional<UnixSeconds> not_before;
  std::optional<UnixSeconds> expires;
  std::optional<KeyId> replaces;
};

// The request with defaults filled in and every rule passed.
struct KeyTerms {
  KeyRequest request;  // scopes with those of the bundles; both sorted, without doubles; owner set
  UnixSeconds not_before = 0;
  UnixSeconds expires = 0;
  bool clamped = false;  // `expires` is earlier than what was asked for
};

// kInvalidArgument (text, scopes, bundles, times, name pattern, required fields), kDenied (policy forbids),
// kLimitExceeded (lifetime, number of scopes); the message begins with the field's name and ": ", as it is on
// the wire, and names the limit and what would be accepted ("did you mean read:policies:admin").
Result<KeyTerms> ApplyPolicy(const Policy& policy, const Catalogue& catalogue, KeyRequest request,
                             const std::string& creator, UnixSeconds now);

struct Expiry {
  UnixSeconds expires = 0;
  bool clamped = false;
};
// The expiry of a secret that is made now: `requested` if it keeps `limits`, or their default if it is
// absent. A lifetime is measured from the later of `not_before` and `now`. Errors as ApplyPolicy, of the
// field "expires_at".
Result<Expiry> ApplyLifetime(const LifetimeLimits& limits, ExcessRule excess, UnixSeconds not_before,
                             std::optional<UnixSeconds> requested, UnixSeconds now);

// What a key that exists breaks of the rules as they are now. `field` is the one at fault.
struct Violation {
  std::string field;
  std::string message;
};
// Empty for a key that complies, and for one that has ended. A lifetime is measured from the making of the
// current generation.
std::vector<Violation> CheckCompliance(const Policy& policy, const Catalogue& catalogue,
                                       const KeyRecord& record, UnixSeconds now);

// A change of a record that needs no new secret; absent fields stay as they are.
struct KeyEdit {
  std::optional<std::string> name;
  std::optional<std::string> description;  // "" removes it; likewise team
  std::optional<std::string> owner;
  std::optional<std::string> team;
  std::optional<std::vector<std::string>> scopes;   // all that the key shall hold, besides those of `bundles`
  std::optional<std::vector<std::string>> bundles;  // likewise; either one present replaces both
  std::optional<UnixSeconds> expires;               // only earlier than it is
};
// `record` changed, not yet sealed, its version as it was. kConflict for a revoked key; errors of the policy
// as ApplyPolicy; kInvalidArgument for an edit that changes nothing, for a later expiry, and for scopes that
// would leave a key without any. An unscoped key that gets scopes is unscoped no more; the other way there is
// none. The policy judges what the edit changes, not what was there before; where scopes are added, or
// stricter rules come to apply, the rest of the key's life must keep the lifetime of the rules (ExcessRule
// says whether it is refused or shortened).
Result<KeyRecord> ApplyEdit(const Policy& policy, const Catalogue& catalogue, const KeyRecord& record,
                            const KeyEdit& edit, UnixSeconds now);

// Whether `after` gives anything that `before` does not, now or with some catalogue to come.
bool Widens(const KeyRecord& before, const KeyRecord& after);

// Scopes of the catalogue that `after` gives and `before` does not, in order of name. An unscoped record
// gives all.
std::vector<std::string> ScopesGained(const KeyRecord& before, const KeyRecord& after,
                                      const Catalogue& catalogue);

}  // namespace claviger::keys
