#include "daemon/api/review_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "daemon/keys/catalogue.h"
#include "daemon/keys/verdict.h"

namespace claviger::api {
namespace {

using keys::KeyState;
using store::KeySummary;
using Urgency = std::optional<std::int64_t>;

// So many scopes are named, the rest is counted.
constexpr std::size_t kNamedScopes = 3;

std::string NameList(const std::vector<std::string_view>& names) {
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kNamedScopes));
  const std::string text = fmt::format("{}", fmt::join(names.begin(), end, ", "));
  return names.size() > kNamedScopes ? fmt::format("{} and {} more", text, names.size() - kNamedScopes)
                                     : text;
}

Urgency EndedSecretPresented(const ReviewContext& context, const KeySummary& key) {
  const UnixSeconds at = key.usage.ended_secret_presented;
  return at > context.now - Review::kAlarmWindow && at != 0 ? Urgency(at) : std::nullopt;
}

std::string EndedSecretDetail(const ReviewContext&, const KeySummary& key) {
  return fmt::format("generation {} at {}", key.usage.ended_generation,
                     FormatTime(key.usage.ended_secret_presented));
}

Urgency ExpiredPresented(const ReviewContext& context, const KeySummary& key) {
  const UnixSeconds at = key.usage.last_denied;
  const bool presented = key.state == KeyState::kExpired && at >= key.expires &&
                         key.usage.last_denial == keys::VerdictCode::kExpired;
  return presented && at > context.now - Review::kAlarmWindow ? Urgency(at) : std::nullopt;
}

std::string ExpiredDetail(const ReviewContext&, const KeySummary& key) {
  return fmt::format("by uid {} at {}", key.usage.last_denied_uid, FormatTime(key.usage.last_denied));
}

Urgency Unscoped(const ReviewContext&, const KeySummary& key) {
  return key.unscoped ? Urgency(key.expires) : std::nullopt;
}

std::vector<std::string_view> LostScopesOf(const ReviewContext& context, const KeySummary& key) {
  const keys::Catalogue& catalogue = *context.live.catalogue;
  std::vector<std::string_view> lost;
  ForEachScope(key.scopes, [&](std::string_view scope) {
    const bool pattern = scope.find('*') != std::string_view::npos;
    if (pattern ? catalogue.Expand(scope).empty() : !catalogue.Find(scope)) lost.push_back(scope);
  });
  return lost;
}

Urgency LostScopes(const ReviewContext& context, const KeySummary& key) {
  const std::size_t lost = LostScopesOf(context, key).size();
  return lost != 0 ? Urgency(static_cast<std::int64_t>(lost)) : std::nullopt;
}

std::string LostScopesDetail(const ReviewContext& context, const KeySummary& key) {
  return NameList(LostScopesOf(context, key));
}

Urgency BreaksPolicy(const ReviewContext& context, const KeySummary& key) {
  const std::size_t violations = ViolationsOf(context.live, key, context.now).size();
  return violations != 0 ? Urgency(static_cast<std::int64_t>(violations)) : std::nullopt;
}

std::string PolicyDetail(const ReviewContext& context, const KeySummary& key) {
  const keys::Violation first = ViolationsOf(context.live, key, context.now).front();
  return fmt::format("{}: {}", first.field, first.message);
}

Urgency Expiring(const ReviewContext& context, const KeySummary& key) {
  return key.expires - context.now <= context.terms.expiring_within ? Urgency(-key.expires) : std::nullopt;
}

// Only of keys that could have been used: not of paused ones, and since they could.
Urgency NeverUsed(const ReviewContext& context, const KeySummary& key) {
  const UnixSeconds since = std::max(key.created, key.not_before);
  const bool found = key.state == KeyState::kActive && key.usage.uses == 0 &&
                     context.now - since >= context.terms.never_used_for;
  return found ? Urgency(-since) : std::nullopt;
}

Urgency Unused(const ReviewContext& context, const KeySummary& key) {
  const bool found = key.state == KeyState::kActive && key.usage.uses != 0 &&
                     context.now - key.usage.last_used >= context.terms.unused_for;
  return found ? Urgency(-key.usage.last_used) : std::nullopt;
}

bool IsDelete(std::string_view scope) { return scope.starts_with("delete:"); }

Urgency DeleteScopes(const ReviewContext&, const KeySummary& key) {
  std::int64_t scopes = 0;
  ForEachScope(key.scopes, [&](std::string_view scope) { scopes += IsDelete(scope) ? 1 : 0; });
  return scopes != 0 ? Urgency(scopes) : std::nullopt;
}

std::string DeleteScopesDetail(const ReviewContext&, const KeySummary& key) {
  std::vector<std::string_view> names;
  ForEachScope(key.scopes, [&](std::string_view scope) {
    if (IsDelete(scope)) names.push_back(scope);
  });
  return NameList(names);
}

std::int64_t LifetimeOf(const KeySummary& key) {
  return key.expires - std::max(key.generation_created, key.not_before);
}

Urgency LongLived(const ReviewContext& context, const KeySummary& key) {
  return LifetimeOf(key) > context.terms.lifetime_over ? Urgency(LifetimeOf(key)) : std::nullopt;
}

std::string LongLivedDetail(const ReviewContext&, const KeySummary& key) {
  return FormatDuration(LifetimeOf(key));
}

constexpr std::array kChecks = {
    ReviewCheck{FindingKind::kEndedSecretPresented, true, EndedSecretPresented, EndedSecretDetail},
    ReviewCheck{FindingKind::kExpiredPresented, true, ExpiredPresented, ExpiredDetail},
    ReviewCheck{FindingKind::kUnscoped, false, Unscoped, nullptr},
    ReviewCheck{FindingKind::kLostScopes, false, LostScopes, LostScopesDetail},
    ReviewCheck{FindingKind::kPolicy, false, BreaksPolicy, PolicyDetail},
    ReviewCheck{FindingKind::kExpiring, false, Expiring, nullptr},
    ReviewCheck{FindingKind::kNeverUsed, false, NeverUsed, nullptr},
    ReviewCheck{FindingKind::kUnused, false, Unused, nullptr},
    ReviewCheck{FindingKind::kDeleteScopes, false, DeleteScopes, DeleteScopesDetail},
    ReviewCheck{FindingKind::kLongLived, false, LongLived, LongLivedDetail},
};

}  // namespace

std::span<const ReviewCheck> ReviewChecks() { return kChecks; }

bool HasEnded(KeyState state) { return state == KeyState::kExpired || state == KeyState::kRevoked; }

bool HoldsAction(std::string_view scopes, keys::ScopeAction action) {
  const std::string_view name = keys::ScopeActionName(action);
  bool holds = false;
  ForEachScope(scopes, [&](std::string_view scope) {
    holds = holds || (scope.starts_with(name) && scope.substr(name.size()).starts_with(':'));
  });
  return holds;
}

}  // namespace claviger::api
