#include "daemon/api/catalogue_impact.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <iterator>
#include <utility>

#include "daemon/api/key_walk.h"
#include "daemon/api/uncatalogued.h"
#include "daemon/keys/scope.h"

namespace claviger::api {
namespace {

constexpr std::size_t kMostRemembered = 4096;    // grants
constexpr std::size_t kMostNamesOnRecord = 200;  // of each list, so that no act is larger than a call can be
constexpr std::size_t kMostDescribed = 5;

std::size_t CommonPrefix(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(
      std::distance(a.begin(), std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first));
}

// Where a scope is split, its parts begin alike: at least with half of its resource.
std::vector<std::string> Nearest(const std::string& lost, const std::vector<std::string>& added) {
  const auto scope = keys::ParseScope(lost);
  if (!scope) return {};
  std::vector<std::pair<std::size_t, const std::string*>> similar;
  for (const std::string& name : added) {
    const auto other = keys::ParseScope(name);
    if (!other || other->action != scope->action) continue;
    const std::size_t common = CommonPrefix(scope->resource, other->resource);
    if (common * 2 >= scope->resource.size()) similar.emplace_back(common, &name);
  }
  std::stable_sort(similar.begin(), similar.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  similar.resize(std::min(similar.size(), LostScope::kMostNearest));
  std::vector<std::string> nearest;
  nearest.reserve(similar.size());
  for (const auto& [common, name] : similar) nearest.push_back(*name);
  return nearest;
}

boost::json::array Names(const std::vector<std::string>& names, std::size_t most) {
  boost::json::array array;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) array.emplace_back(names[i]);
  return array;
}

std::string CountOfKeys(std::int64_t keys) { return keys == 1 ? "1 key" : std::to_string(keys) + " keys"; }

}  // namespace

CatalogueImpact::CatalogueImpact(const keys::Catalogue& before, const keys::Catalogue& after)
    : change_(keys::CompareCatalogues(before, after)) {
  for (const std::string& name : change_.removed)
    lost_.push_back({name, Nearest(name, change_.added), 0, {}});
}

const std::vector<std::size_t>& CatalogueImpact::LostBy(std::string_view grant) {
  const auto known = lost_by_.find(std::string(grant));
  if (known != lost_by_.end()) return known->second;
  if (lost_by_.size() >= kMostRemembered) lost_by_.clear();
  std::vector<std::size_t>& lost = lost_by_[std::string(grant)];
  const auto pattern = keys::ScopePattern::Parse(grant);
  if (!pattern) return lost;
  for (std::size_t i = 0; i < lost_.size(); ++i) {
    const auto scope = keys::ParseScope(lost_[i].name);
    if (scope && pattern->Matches(*scope)) lost.push_back(i);
  }
  return lost;
}

void CatalogueImpact::Add(const store::KeySummary& key) {
  std::vector<std::size_t> lost;
  ForEachGrant(key.scopes, [&](std::string_view grant) {
    const std::vector<std::size_t>& more = LostBy(grant);
    lost.insert(lost.end(), more.begin(), more.end());
  });
  if (lost.empty()) return;
  // Several grants of a key may give the same scope.
  std::sort(lost.begin(), lost.end());
  lost.erase(std::unique(lost.begin(), lost.end()), lost.end());
  ++losing_keys_;
  for (const std::size_t position : lost) {
    LostScope& scope = lost_[position];
    ++scope.keys;
    if (scope.key_ids.size() < LostScope::kMostKeyIds) scope.key_ids.push_back(key.id.ToString());
  }
}

std::string CatalogueImpact::DescribeLosses() const {
  std::string text;
  std::size_t scopes = 0;
  for (const LostScope& scope : lost_) {
    if (scope.keys == 0 || ++scopes > kMostDescribed) continue;
    text += (text.empty() ? "" : ", ") + scope.name + " (" + CountOfKeys(scope.keys) + ")";
  }
  if (scopes > kMostDescribed) text += " and " + std::to_string(scopes - kMostDescribed) + " more";
  return text;
}

Status MeasureImpact(Authority& authority, CatalogueImpact& impact) {
  if (impact.lost().empty()) return Ok();
  return RunStepsAndWait(authority.store(), store::WorkKind::kRead,
                         StepsOverLiveKeys(authority.clock().Now(),
                                           [&impact](const store::KeySummary& key) { impact.Add(key); }));
}

audit::Act CatalogueReloadAct(const audit::Actor& actor, const CatalogueImpact& impact) {
  const keys::CatalogueChange& change = impact.change();
  audit::Act act;
  act.actor = actor;
  act.name = "catalogue.reload";
  act.after =
      boost::json::serialize(boost::json::object{{"added", Names(change.added, kMostNamesOnRecord)},
                                                 {"added_count", change.added.size()},
                                                 {"removed", Names(change.removed, kMostNamesOnRecord)},
                                                 {"removed_count", change.removed.size()},
                                                 {"losing_keys", impact.losing_keys()}});
  return act;
}

boost::json::object ImpactJson(const CatalogueImpact& impact, bool in_force) {
  const keys::CatalogueChange& change = impact.change();
  boost::json::array lost;
  for (const LostScope& scope : impact.lost()) {
    lost.push_back({{"name", scope.name},
                    {"nearest", Names(scope.nearest, LostScope::kMostNearest)},
                    {"keys", scope.keys},
                    {"key_ids", Names(scope.key_ids, LostScope::kMostKeyIds)}});
  }
  return {{"added", Names(change.added, change.added.size())},
          {"reworded", Names(change.reworded, change.reworded.size())},
          {"lost", std::move(lost)},
          {"in_force", in_force}};
}

}  // namespace claviger::api
