#include "daemon/keys/request_rules.h"

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

void SortWithoutDoubles(std::vector<std::string>& names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

Status CheckGrant(const Policy& policy, const Catalogue& catalogue, const std::string& grant) {
  const auto parsed = ParseGrant(grant);
  if (!parsed) return parsed.error().WithContext("scopes");
  if (!parsed->wildcard()) {
    if (catalogue.Find(grant)) return Ok();
    const std::string_view nearest = catalogue.Nearest(grant);
    if (nearest.empty())
      return Invalid("scopes: {} is not in the catalogue; list it with: claviger scope list", grant);
    return Invalid("scopes: {} is not in the catalogue; did you mean {}", grant, nearest);
  }
  if (!policy.wildcards) {
    return Error(
        ErrorCode::kDenied,
        fmt::format("scopes: the policy forbids patterns such as {}; name each scope, or a bundle", grant));
  }
  if (catalogue.Expand(grant).empty()) {
    return Invalid("scopes: no scope of the catalogue matches {}; list it with: claviger scope list", grant);
  }
  return Ok();
}

Status CheckBundle(const Catalogue& catalogue, const std::string& name) {
  if (catalogue.FindBundle(name) != nullptr) return Ok();
  std::vector<std::string_view> names;
  for (const ScopeBundle& bundle : catalogue.bundles()) names.push_back(bundle.name);
  const std::string shown = EscapeForDisplay(std::string_view(name).substr(0, kMaxScopeLength));
  const std::string_view nearest = NearestOf(name, names);
  if (nearest.empty()) {
    return Invalid("bundles: \"{}\" is not in the catalogue; list them with: claviger bundle list", shown);
  }
  return Invalid("bundles: \"{}\" is not in the catalogue; did you mean {}", shown, nearest);
}

}  // namespace

Status CheckName(const Policy& policy, const std::string& name) {
  if (auto checked = CheckText("name", name); !checked) return checked;
  if (policy.names.Matches(name)) return Ok();
  return Invalid("name: \"{}\" is not what the policy wants; a name must match {}", name,
                 policy.names.text());
}

Status CheckDescription(const Policy& policy, const std::string& description) {
  if (policy.require_description && description.empty()) {
    return Invalid("description: the policy requires one; say what the key is for");
  }
  return CheckOptionalText("description", description, kMaxDescriptionBytes);
}

Status CheckOwner(const std::string& owner) { return CheckText("owner", owner); }

Status CheckTeam(const Policy& policy, const std::string& team) {
  if (policy.require_team && team.empty()) {
    return Invalid("team: the policy requires one; name the people who look after the key");
  }
  return CheckOptionalText("team", team);
}

Result<Grants> ResolveGrants(const Policy& policy, const Catalogue& catalogue,
                             std::vector<std::string> scopes, std::vector<std::string> bundles,
                             const std::vector<std::string>& held) {
  SortWithoutDoubles(bundles);
  for (const std::string& name : bundles) {
    if (auto checked = CheckBundle(catalogue, name); !checked) return checked.error();
    const std::vector<std::string>& added = catalogue.FindBundle(name)->scopes;
    scopes.insert(scopes.end(), added.begin(), added.end());
  }
  if (scopes.empty()) return Invalid("scopes: name at least one scope of the catalogue");
  SortWithoutDoubles(scopes);
  if (scopes.size() > kMaxScopesPerKey) {
    return Error(ErrorCode::kLimitExceeded, fmt::format("scopes: {} are named; a key can have at most {}",
                                                        scopes.size(), kMaxScopesPerKey));
  }
  for (const std::string& grant : scopes) {
    if (std::find(held.begin(), held.end(), grant) != held.end()) continue;
    if (auto checked = CheckGrant(policy, catalogue, grant); !checked) return checked.error();
  }
  return Grants{std::move(scopes), std::move(bundles)};
}

}  // namespace claviger::keys
