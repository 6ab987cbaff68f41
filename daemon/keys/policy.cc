#include "daemon/keys/policy.h"

#include <utility>

#include "base/text.h"
#include "daemon/keys/request_rules.h"

namespace claviger::keys {
namespace {

Status CheckTexts(const Policy& policy, const KeyRequest& request) {
  if (auto checked = CheckName(policy, request.name); !checked) return checked;
  if (auto checked = CheckDescription(policy, request.description); !checked) return checked;
  if (auto checked = CheckOwner(request.owner); !checked) return checked;
  return CheckTeam(policy, request.team);
}

Status CheckUnscoped(const LifetimeLimits& limits, const KeyRequest& request) {
  if (!request.scopes.empty() || !request.bundles.empty()) {
    return Error(ErrorCode::kInvalidArgument,
                 std::string(request.scopes.empty() ? "bundles" : "scopes") +
                     ": a key with scopes cannot have full access too; leave out one of them");
  }
  if (limits.unscoped == UnscopedRule::kForbid) {
    return Error(
        ErrorCode::kDenied,
        "unscoped_reason: the policy forbids keys with full access; name the scopes that the key needs");
  }
  return CheckText("unscoped_reason", request.unscoped_reason);
}

// Puts what the bundles hold into the scopes.
Status CheckScopes(const Policy& policy, const Catalogue& catalogue, KeyRequest& request) {
  if (!request.unscoped_reason.empty()) {
    return Error(ErrorCode::kInvalidArgument,
                 "unscoped_reason: is only for a key with full access; leave it or the scopes out");
  }
  auto grants = ResolveGrants(policy, catalogue, std::move(request.scopes), std::move(request.bundles), {});
  if (!grants) return grants.error();
  request.scopes = std::move(grants->scopes);
  request.bundles = std::move(grants->bundles);
  return Ok();
}

}  // namespace

Result<KeyTerms> ApplyPolicy(const Policy& policy, const Catalogue& catalogue, KeyRequest request,
                             const std::string& creator, UnixSeconds now) {
  if (request.owner.empty()) request.owner = creator;
  if (auto checked = CheckTexts(policy, request); !checked) return checked.error();
  const Status scopes = request.unscoped ? CheckUnscoped(LimitsFor(policy, {}, request.owner), request)
                                         : CheckScopes(policy, catalogue, request);
  if (!scopes) return scopes.error();

  const UnixSeconds not_before = request.not_before.value_or(now);
  if (auto in_range = CheckTimeRange("not_before", not_before); !in_range) return in_range.error();
  const LifetimeLimits limits = LimitsFor(policy, request.scopes, request.owner);
  const auto expiry = ApplyLifetime(limits, policy.excess, not_before, request.expires, now);
  if (!expiry) return expiry.error();
  return KeyTerms{std::move(request), not_before, expiry->expires, expiry->clamped};
}

}  // namespace claviger::keys
