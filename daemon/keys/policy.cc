#include "daemon/keys/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "daemon/keys/record.h"
#include "daemon/keys/scope.h"

namespace claviger::keys {
namespace {

template <class... Arguments>
Error Invalid(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  return Error(ErrorCode::kInvalidArgument, fmt::format(format, std::forward<Arguments>(arguments)...));
}

Status CheckTexts(const KeyRequest& request) {
  if (auto checked = CheckText("name", request.name); !checked) return checked;
  if (auto checked = CheckOptionalText("description", request.description, kMaxDescriptionBytes); !checked) {
    return checked;
  }
  if (auto checked = CheckText("owner", request.owner); !checked) return checked;
  return CheckOptionalText("team", request.team);
}

Status CheckUnscoped(const Policy& policy, const KeyRequest& request) {
  if (!request.scopes.empty()) {
    return Invalid("scopes: a key with scopes cannot have full access too; leave out one of them");
  }
  if (policy.unscoped == UnscopedRule::kForbid) {
    return Error(
        ErrorCode::kDenied,
        "unscoped_reason: the policy forbids keys with full access; name the scopes that the key needs");
  }
  return CheckText("unscoped_reason", request.unscoped_reason);
}

Status CheckScope(const Catalogue& catalogue, const std::string& scope) {
  if (auto parsed = ParseScope(scope); !parsed) return parsed.error().WithContext("scopes");
  if (catalogue.Find(scope)) return Ok();
  const std::string_view nearest = catalogue.Nearest(scope);
  if (nearest.empty())
    return Invalid("scopes: {} is not in the catalogue; list it with: claviger scope list", scope);
  return Invalid("scopes: {} is not in the catalogue; did you mean {}", scope, nearest);
}

// Sorts the scopes and removes doubles.
Status CheckScopes(const Catalogue& catalogue, KeyRequest& request) {
  if (!request.unscoped_reason.empty()) {
    return Invalid("unscoped_reason: is only for a key with full access; leave it or the scopes out");
  }
  if (request.scopes.empty()) return Invalid("scopes: name at least one scope of the catalogue");
  std::sort(request.scopes.begin(), request.scopes.end());
  request.scopes.erase(std::unique(request.scopes.begin(), request.scopes.end()), request.scopes.end());
  if (request.scopes.size() > kMaxScopesPerKey) {
    return Error(ErrorCode::kLimitExceeded, fmt::format("scopes: {} are named; a key can have at most {}",
                                                        request.scopes.size(), kMaxScopesPerKey));
  }
  for (const std::string& scope : request.scopes) {
    if (auto checked = CheckScope(catalogue, scope); !checked) return checked;
  }
  return Ok();
}

Status CheckRange(std::string_view field, UnixSeconds time) {
  if (time >= kEarliestTime && time <= kLatestTime) return Ok();
  return Invalid("{}: is not within {} to {}", field, FormatTime(kEarliestTime), FormatTime(kLatestTime));
}

// `time` + `seconds`, at most kLatestTime. Both are at least 0.
UnixSeconds Later(UnixSeconds time, std::int64_t seconds) {
  return seconds > kLatestTime - time ? kLatestTime : time + seconds;
}

}  // namespace

Result<UnixSeconds> ApplyLifetime(const Policy& policy, UnixSeconds not_before,
                                  std::optional<UnixSeconds> requested, UnixSeconds now) {
  const UnixSeconds start = std::max(now, not_before);
  const UnixSeconds latest = Later(start, policy.maximum_lifetime);
  const UnixSeconds expires = requested.value_or(std::min(Later(start, policy.default_lifetime), latest));
  if (auto in_range = CheckRange("expires_at", expires); !in_range) return in_range.error();
  if (expires <= now) {
    return Invalid("expires_at: {} is in the past; at most {} is accepted", FormatTime(expires),
                   FormatTime(latest));
  }
  if (expires <= not_before) {
    return Invalid("expires_at: {} is not after not_before, {}; at most {} is accepted", FormatTime(expires),
                   FormatTime(not_before), FormatTime(latest));
  }
  if (expires > latest) {
    return Error(
        ErrorCode::kLimitExceeded,
        fmt::format("expires_at: {} is beyond the policy's maximum lifetime of {}; at most {} is accepted",
                    FormatTime(expires), FormatDuration(policy.maximum_lifetime), FormatTime(latest)));
  }
  return expires;
}

Result<KeyTerms> ApplyPolicy(const Policy& policy, const Catalogue& catalogue, KeyRequest request,
                             const std::string& creator, UnixSeconds now) {
  if (request.owner.empty()) request.owner = creator;
  if (auto checked = CheckTexts(request); !checked) return checked.error();
  const Status scopes = request.unscoped ? CheckUnscoped(policy, request) : CheckScopes(catalogue, request);
  if (!scopes) return scopes.error();

  const UnixSeconds not_before = request.not_before.value_or(now);
  if (auto in_range = CheckRange("not_before", not_before); !in_range) return in_range.error();
  auto expires = ApplyLifetime(policy, not_before, request.expires, now);
  if (!expires) return expires.error();
  return KeyTerms{std::move(request), not_before, *expires};
}

}  // namespace claviger::keys
