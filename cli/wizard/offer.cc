#include "cli/wizard/offer.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <unordered_map>

#include "cli/json_view.h"
#include "protocol/error_names.h"

namespace claviger::cli::wizard {
namespace {

constexpr std::array<std::string_view, 3> kActionNames = {"read", "write", "delete"};

std::string_view TakeSegment(std::string_view& rest) {
  const std::size_t end = rest.find(':');
  const std::string_view segment = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return segment;
}

bool Contains(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// The most of what any of the caller's ceilings allows; a call that needs two of them at once is refused
// later.
struct Reach {
  bool everything = true;
  std::vector<std::string> patterns;
  std::int64_t lifetime = 0;
  bool unscoped = false;

  bool Covers(std::string_view scope) const {
    return everything || std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
             return PatternGives(pattern, scope);
           });
  }
};

Reach ReachOf(const boost::json::object& policy) {
  Reach reach;
  const boost::json::value* ceilings = policy.if_contains("ceilings");
  if (ceilings == nullptr || !ceilings->is_array()) return reach;
  reach.everything = false;
  for (const boost::json::object* ceiling : ObjectsOf(ceilings->get_array())) {
    const auto patterns = ShownList(*ceiling, "scopes");
    reach.patterns.insert(reach.patterns.end(), patterns.begin(), patterns.end());
    reach.lifetime = std::max(reach.lifetime, IntOf(*ceiling, "maximum_lifetime"));
    reach.unscoped = reach.unscoped || BoolOf(*ceiling, "unscoped");
  }
  return reach;
}

void AddScopes(Offer& offer, const boost::json::object& reply, const Reach& reach) {
  for (const boost::json::object* scope : ObjectsOf(ArrayOf(reply, "scopes"))) {
    OfferedScope offered{ShownText(*scope, "name"), ShownText(*scope, "summary"),
                         ShownText(*scope, "description"), ActionOf(ShownText(*scope, "action"))};
    if (reach.Covers(offered.name)) {
      offer.scopes.push_back(std::move(offered));
    } else {
      ++offer.beyond_ceilings;
    }
  }
}

// Only bundles of which everything may be granted.
void AddBundles(Offer& offer, const boost::json::object& reply) {
  std::unordered_map<std::string_view, std::size_t> positions;
  for (std::size_t i = 0; i < offer.scopes.size(); ++i) positions.emplace(offer.scopes[i].name, i);
  for (const boost::json::object* bundle : ObjectsOf(ArrayOf(reply, "bundles"))) {
    OfferedBundle offered{ShownText(*bundle, "name"), ShownText(*bundle, "summary"), {}};
    const auto names = ShownList(*bundle, "scopes");
    for (const std::string& name : names) {
      const auto found = positions.find(name);
      if (found != positions.end()) offered.scopes.push_back(found->second);
    }
    if (!names.empty() && offered.scopes.size() == names.size()) offer.bundles.push_back(std::move(offered));
  }
}

}  // namespace

Action ActionOf(std::string_view name) {
  return name == kActionNames[0] ? Action::kRead : name == kActionNames[1] ? Action::kWrite : Action::kDelete;
}

std::string_view ActionName(Action action) { return kActionNames.at(static_cast<std::size_t>(action)); }

bool PatternGives(std::string_view pattern, std::string_view scope) {
  while (!pattern.empty() && !scope.empty()) {
    if (pattern == "*") return true;
    const std::string_view wanted = TakeSegment(pattern);
    const std::string_view segment = TakeSegment(scope);
    if (wanted != "*" && wanted != segment) return false;
  }
  return pattern.empty() && scope.empty();
}

Outcome<Offer> ReadOffer(const boost::json::object& policy, const boost::json::object& scopes,
                         const boost::json::object& bundles) {
  const Reach reach = ReachOf(policy);
  Offer offer;
  offer.maximum_lifetime = IntOf(policy, "maximum_lifetime");
  if (!reach.everything) offer.maximum_lifetime = std::min(offer.maximum_lifetime, reach.lifetime);
  offer.default_lifetime = std::min(IntOf(policy, "default_lifetime"), offer.maximum_lifetime);
  offer.unscoped =
      ShownText(policy, "unscoped") == "allow-with-reason" && (reach.everything || reach.unscoped);
  offer.name_pattern = ShownText(policy, "name_pattern");
  const auto required = ShownList(policy, "required");
  offer.needs_description = Contains(required, "description");
  offer.needs_team = Contains(required, "team");
  AddScopes(offer, scopes, reach);
  AddBundles(offer, bundles);
  if (offer.maximum_lifetime <= 0) {
    return Failure{protocol::kExitDenied, "you may not issue any key: no ceiling names you",
                   "ceilings are given in claviger.toml; ask an administrator"};
  }
  if (offer.scopes.empty() && !offer.unscoped) {
    return Failure{protocol::kExitFailure, "there is no scope that you may grant",
                   "claviger scope list shows the catalogue, claviger policy show your ceilings"};
  }
  return offer;
}

Outcome<Offer> FetchOffer(Context& context) {
  const auto policy = context.daemon().Admin("GetPolicy");
  if (!policy) return policy.error();
  const auto scopes = context.daemon().Admin("ListScopes");
  if (!scopes) return scopes.error();
  const auto bundles = context.daemon().Admin("ListBundles");
  if (!bundles) return bundles.error();
  return ReadOffer(policy->parameters, scopes->parameters, bundles->parameters);
}

}  // namespace claviger::cli::wizard
