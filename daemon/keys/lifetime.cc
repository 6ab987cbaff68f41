#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/keys/policy.h"
#include "daemon/keys/request_rules.h"

namespace claviger::keys {
namespace {

// The scopes of one key as the rules see them.
class HeldScopes {
 public:
  explicit HeldScopes(const std::vector<std::string>& grants) : everything_(grants.empty()) {
    grants_.reserve(grants.size());
    for (const std::string& text : grants) {
      if (auto grant = ScopePattern::Parse(text)) {
        grants_.push_back(std::move(*grant));
      } else {
        everything_ = true;  // what cannot be read may stand for anything
      }
    }
  }
  bool IncludeOneOf(const std::vector<ScopePattern>& patterns) const {
    return everything_ || std::any_of(grants_.begin(), grants_.end(), [&](const ScopePattern& grant) {
             return std::any_of(patterns.begin(), patterns.end(),
                                [&](const ScopePattern& pattern) { return pattern.Overlaps(grant); });
           });
  }

 private:
  bool everything_;
  std::vector<ScopePattern> grants_;
};

bool Applies(const PolicyRule& rule, const HeldScopes& held, std::string_view owner) {
  return (rule.scopes.empty() || held.IncludeOneOf(rule.scopes)) &&
         (rule.owners.empty() ||
          std::find(rule.owners.begin(), rule.owners.end(), owner) != rule.owners.end());
}

void Tighten(const std::vector<PolicyRule>& rules, const HeldScopes& held, std::string_view owner,
             LifetimeLimits& limits) {
  for (const PolicyRule& rule : rules) {
    if (!Applies(rule, held, owner)) continue;
    limits.default_lifetime =
        std::min(limits.default_lifetime, rule.default_lifetime.value_or(limits.default_lifetime));
    limits.maximum_lifetime =
        std::min(limits.maximum_lifetime, rule.maximum_lifetime.value_or(limits.maximum_lifetime));
    if (rule.unscoped == UnscopedRule::kForbid) limits.unscoped = UnscopedRule::kForbid;
  }
}

}  // namespace

Status CheckTimeRange(std::string_view field, UnixSeconds time) {
  if (time >= kEarliestTime && time <= kLatestTime) return Ok();
  return Error(ErrorCode::kInvalidArgument, fmt::format("{}: is not within {} to {}", field,
                                                        FormatTime(kEarliestTime), FormatTime(kLatestTime)));
}

UnixSeconds Later(UnixSeconds time, std::int64_t seconds) {
  return seconds > kLatestTime - time ? kLatestTime : time + seconds;
}

LifetimeLimits LimitsFor(const Policy& policy, const std::vector<std::string>& scopes,
                         std::string_view owner) {
  LifetimeLimits limits{policy.default_lifetime, policy.maximum_lifetime, policy.unscoped};
  if (!policy.rules.empty()) Tighten(policy.rules, HeldScopes(scopes), owner, limits);
  limits.default_lifetime = std::min(limits.default_lifetime, limits.maximum_lifetime);
  return limits;
}

Result<Expiry> ApplyLifetime(const LifetimeLimits& limits, ExcessRule excess, UnixSeconds not_before,
                             std::optional<UnixSeconds> requested, UnixSeconds now) {
  const UnixSeconds start = std::max(now, not_before);
  const UnixSeconds latest = Later(start, limits.maximum_lifetime);
  const UnixSeconds expires = requested.value_or(std::min(Later(start, limits.default_lifetime), latest));
  if (auto in_range = CheckTimeRange("expires_at", expires); !in_range) return in_range.error();
  if (expires <= now) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("expires_at: {} is in the past; at most {} is accepted", FormatTime(expires),
                             FormatTime(latest)));
  }
  if (expires <= not_before) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("expires_at: {} is not after not_before, {}; at most {} is accepted",
                             FormatTime(expires), FormatTime(not_before), FormatTime(latest)));
  }
  if (expires <= latest) return Expiry{expires, false};
  if (excess == ExcessRule::kClamp) return Expiry{latest, true};
  return Error(
      ErrorCode::kLimitExceeded,
      fmt::format("expires_at: {} is beyond the policy's maximum lifetime of {}; at most {} is accepted",
                  FormatTime(expires), FormatDuration(limits.maximum_lifetime), FormatTime(latest)));
}

}  // namespace claviger::keys
