#include "daemon/api/review.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <functional>
#include <utility>

#include "daemon/api/review_checks.h"

namespace claviger::api {
namespace {

using keys::KeyState;
using store::KeySummary;

constexpr std::array<std::string_view, kFindingKinds> kNames = {"ended_secret_presented",
                                                                "expired_presented",
                                                                "unscoped",
                                                                "lost_scopes",
                                                                "policy",
                                                                "expiring",
                                                                "never_used",
                                                                "unused",
                                                                "delete_scopes",
                                                                "same_scopes",
                                                                "long_lived"};
constexpr std::array kStates = {KeyState::kPending, KeyState::kActive, KeyState::kPaused, KeyState::kExpired,
                                KeyState::kRevoked};
constexpr std::array kActions = {keys::ScopeAction::kRead, keys::ScopeAction::kWrite,
                                 keys::ScopeAction::kDelete};

// As much of the record as the rules of the policy look at.
keys::KeyRecord RecordOf(const KeySummary& key) {
  keys::KeyRecord record;
  record.id = key.id;
  record.name = key.name;
  record.description = key.described ? "described" : "";
  record.owner = key.owner;
  record.team = key.team;
  record.creator = key.creator;
  record.created = key.created;
  record.not_before = key.not_before;
  record.expires = key.expires;
  ForEachScope(key.scopes, [&](std::string_view scope) { record.scopes.emplace_back(scope); });
  record.unscoped = key.unscoped;
  if (key.unscoped) record.unscoped_reason = "given";
  if (key.state == KeyState::kPaused) record.state = keys::RecordState::kPaused;
  if (key.state == KeyState::kRevoked) record.state = keys::RecordState::kRevoked;
  keys::Generation generation;
  generation.number = 1;
  generation.created = key.generation_created;
  record.generations = {generation};
  return record;
}

}  // namespace

std::string_view FindingName(FindingKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

std::vector<keys::Violation> ViolationsOf(const LiveSettings& live, const KeySummary& key, UnixSeconds now) {
  return keys::CheckCompliance(live.policy, *live.catalogue, RecordOf(key), now);
}

Review::Review(const ReviewTerms& terms, LiveSettingsPtr live, UnixSeconds now)
    : terms_(terms),
      live_(std::move(live)),
      now_(now),
      findings_(kFindingKinds, FindingList(terms.limit)),
      expiries_(Timeline::Direction::kAhead, now),
      ages_(Timeline::Direction::kBack, now),
      uses_(Timeline::Direction::kBack, now) {}

void Review::Add(const KeySummary& key) {
  ++states_[static_cast<std::size_t>(key.state)];
  Find(key);
  if (HasEnded(key.state)) return;
  CountLive(key);
  if (!key.unscoped) CompareScopes(key);
}

void Review::Find(const KeySummary& key) {
  const ReviewContext context{terms_, *live_, now_};
  for (const ReviewCheck& check : ReviewChecks()) {
    if (HasEnded(key.state) && !check.of_ended_keys) continue;
    const auto urgency = check.urgency(context, key);
    if (!urgency) continue;
    list(check.kind).Offer(key.ref, *urgency, [&] {
      return check.detail != nullptr ? check.detail(context, key) : std::string();
    });
  }
}

void Review::CountLive(const KeySummary& key) {
  ++(key.unscoped ? unscoped_ : scoped_);
  for (std::size_t i = 0; i < kActions.size(); ++i) {
    if (HoldsAction(key.scopes, kActions[i])) ++actions_[i];
  }
  expiries_.Add(key.expires);
  ages_.Add(key.created);
  if (key.usage.uses == 0) {
    ++never_used_;
  } else {
    uses_.Add(key.usage.last_used);
  }
  auto owner = owners_.find(key.owner);
  if (owner == owners_.end()) {
    if (owners_.size() == kMaxCountedOwners) return;
    owner = owners_.emplace(key.owner, OwnerCounts{}).first;
  }
  ++owner->second.keys;
  if (key.unscoped) ++owner->second.unscoped;
  if (HoldsAction(key.scopes, keys::ScopeAction::kDelete)) ++owner->second.with_delete;
}

void Review::OfferSameScopes(std::int64_t ref, UnixSeconds last_used, const keys::KeyId& other) {
  // The one that is used least is the one to do without.
  list(FindingKind::kSameScopes).Offer(ref, -last_used, [&] { return other.ToString(); });
}

void Review::CompareScopes(const KeySummary& key) {
  const std::size_t hash = std::hash<std::string>{}(key.scopes);
  const auto holder = scope_sets_.find(hash);
  if (holder == scope_sets_.end()) {
    if (scope_sets_.size() == kMaxScopeSets) return;
    scope_sets_.emplace(hash, ScopeSetHolder{key.ref, key.id, key.usage.last_used});
    return;
  }
  ScopeSetHolder& first = holder->second;
  if (!first.found) OfferSameScopes(first.ref, first.last_used, key.id);
  first.found = true;
  OfferSameScopes(key.ref, key.usage.last_used, first.id);
}

boost::json::object Review::Totals() const {
  boost::json::object states, actions;
  for (const KeyState state : kStates)
    states[keys::KeyStateName(state)] = states_[static_cast<std::size_t>(state)];
  for (std::size_t i = 0; i < kActions.size(); ++i) actions[keys::ScopeActionName(kActions[i])] = actions_[i];
  return {{"at", FormatTime(now_)}, {"states", std::move(states)}, {"scoped", scoped_},
          {"unscoped", unscoped_},  {"never_used", never_used_},   {"expiries", expiries_.Json()},
          {"ages", ages_.Json()},   {"uses", uses_.Json()},        {"actions", std::move(actions)},
          {"owners", OwnersJson()}};
}

boost::json::array Review::OwnersJson() const {
  using Owner = std::pair<const std::string, OwnerCounts>;
  std::vector<const Owner*> owners;
  owners.reserve(owners_.size());
  for (const Owner& owner : owners_) owners.push_back(&owner);
  std::sort(owners.begin(), owners.end(), [](const Owner* a, const Owner* b) {
    return a->second.keys != b->second.keys ? a->second.keys > b->second.keys : a->first < b->first;
  });
  if (owners.size() > kMaxListedOwners) owners.resize(kMaxListedOwners);
  boost::json::array list;
  list.reserve(owners.size());
  for (const Owner* owner : owners) {
    const OwnerCounts& counts = owner->second;
    list.push_back({{"owner", owner->first},
                    {"keys", counts.keys},
                    {"unscoped", counts.unscoped},
                    {"with_delete", counts.with_delete}});
  }
  return list;
}

}  // namespace claviger::api
