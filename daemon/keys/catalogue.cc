#include "daemon/keys/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "daemon/keys/catalogue_file.h"

namespace claviger::keys {

namespace {

Result<CatalogueContent> ReadAll(const std::vector<CatalogueSource>& sources) {
  CatalogueContent content;
  const auto refuse = [](const std::string& where, std::string_view what, std::size_t limit) {
    return Error(ErrorCode::kConfiguration,
                 fmt::format("{}: is one {} too many; a catalogue can have {}, so remove files or {}s", where,
                             what, limit, what));
  };
  for (const CatalogueSource& source : sources) {
    if (auto read = ReadCatalogueFile(source, content); !read) return read.error();
    if (content.scopes.size() > kMaxCatalogueScopes) {
      return refuse(content.scopes[kMaxCatalogueScopes].where, "scope", kMaxCatalogueScopes);
    }
    if (content.bundles.size() > kMaxCatalogueBundles) {
      return refuse(content.bundles[kMaxCatalogueBundles].where, "bundle", kMaxCatalogueBundles);
    }
  }
  return content;
}

// Sorts by name and refuses doubles. Stable: of two equal names, the one that was read first stays first.
template <class AtLine, class NameOf>
Status SortByName(std::vector<AtLine>& found, std::string_view what, NameOf name_of) {
  std::stable_sort(found.begin(), found.end(),
                   [&](const AtLine& a, const AtLine& b) { return name_of(a) < name_of(b); });
  const auto doubled = std::adjacent_find(
      found.begin(), found.end(), [&](const AtLine& a, const AtLine& b) { return name_of(a) == name_of(b); });
  if (doubled == found.end()) return Ok();
  return Error(ErrorCode::kConfiguration,
               fmt::format("{}: {} {} is in the catalogue already, at {}; remove one", (doubled + 1)->where,
                           what, name_of(*doubled), doubled->where));
}

// Looks up what the bundle's list names.
Result<ScopeBundle> MakeBundle(const Catalogue& catalogue, BundleAtLine& found) {
  std::vector<std::size_t> positions;
  for (const BundleEntry& entry : found.entries) {
    const std::vector<std::size_t> expanded = catalogue.Expand(entry.pattern.text());
    if (expanded.empty()) {
      const std::string_view nearest = catalogue.Nearest(entry.pattern.text());
      return Error(ErrorCode::kConfiguration,
                   fmt::format("{}: bundle {}: no file of the catalogue has a scope for {}; {}", entry.where,
                               found.name, entry.pattern.text(),
                               nearest.empty() ? "remove it from the bundle or add the scope"
                                               : fmt::format("did you mean {}", nearest)));
    }
    positions.insert(positions.end(), expanded.begin(), expanded.end());
  }
  std::sort(positions.begin(), positions.end());
  positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
  ScopeBundle bundle{std::move(found.name), std::move(found.summary), {}};
  for (const std::size_t position : positions) bundle.scopes.push_back(catalogue.scopes()[position].name);
  return bundle;
}

bool SameTexts(const CatalogueScope& a, const CatalogueScope& b) {
  return a.summary == b.summary && a.description == b.description && a.evidence == b.evidence;
}

// The name taken apart; it was checked when it was read.
ScopeName NameOf(const CatalogueScope& scope) {
  std::string_view resource = scope.name;
  resource.remove_prefix(ScopeActionName(scope.action).size() + 1);
  if (!scope.domain.empty()) resource.remove_suffix(scope.domain.size() + 1);
  return {scope.action, resource, scope.domain};
}

}  // namespace

Result<std::shared_ptr<const Catalogue>> Catalogue::Build(const std::vector<CatalogueSource>& sources) {
  auto content = ReadAll(sources);
  if (!content) return content.error();
  if (auto sorted =
          SortByName(content->scopes, "scope",
                     [](const ScopeAtLine& found) -> const std::string& { return found.scope.name; });
      !sorted) {
    return sorted.error();
  }
  if (auto sorted = SortByName(content->bundles, "bundle",
                               [](const BundleAtLine& found) -> const std::string& { return found.name; });
      !sorted) {
    return sorted.error();
  }

  const std::shared_ptr<Catalogue> catalogue(new Catalogue);
  catalogue->files_ = std::move(content->files);
  catalogue->scopes_.reserve(content->scopes.size());
  for (ScopeAtLine& found : content->scopes) catalogue->scopes_.push_back(std::move(found.scope));
  for (std::size_t i = 0; i < catalogue->scopes_.size(); ++i) {
    catalogue->index_.emplace(catalogue->scopes_[i].name, i);
  }
  for (BundleAtLine& found : content->bundles) {
    auto bundle = MakeBundle(*catalogue, found);
    if (!bundle) return bundle.error();
    catalogue->bundles_.push_back(std::move(*bundle));
  }
  return std::shared_ptr<const Catalogue>(catalogue);
}

std::optional<std::size_t> Catalogue::Find(std::string_view name) const {
  const auto found = index_.find(name);
  if (found == index_.end()) return std::nullopt;
  return found->second;
}

std::string_view Catalogue::Nearest(std::string_view name) const {
  std::vector<std::string_view> names;
  names.reserve(scopes_.size());
  for (const CatalogueScope& scope : scopes_) names.push_back(scope.name);
  return NearestOf(name, names);
}

const ScopeBundle* Catalogue::FindBundle(std::string_view name) const {
  const auto found = std::lower_bound(
      bundles_.begin(), bundles_.end(), name,
      [](const ScopeBundle& bundle, std::string_view wanted) { return bundle.name < wanted; });
  return found != bundles_.end() && found->name == name ? &*found : nullptr;
}

std::vector<std::size_t> Catalogue::Expand(std::string_view grant) const {
  if (const auto position = Find(grant)) return {*position};
  const auto pattern = ScopePattern::Parse(grant);
  if (!pattern || !pattern->wildcard()) return {};
  // In order of name, all that can match stand together: they begin as the pattern does up to its first "*".
  const std::string_view prefix = grant.substr(0, grant.find('*'));
  auto scope =
      std::lower_bound(scopes_.begin(), scopes_.end(), prefix,
                       [](const CatalogueScope& one, std::string_view wanted) { return one.name < wanted; });
  std::vector<std::size_t> positions;
  for (; scope != scopes_.end() && std::string_view(scope->name).starts_with(prefix); ++scope) {
    if (pattern->Matches(NameOf(*scope)))
      positions.push_back(static_cast<std::size_t>(scope - scopes_.begin()));
  }
  return positions;
}

CatalogueChange CompareCatalogues(const Catalogue& before, const Catalogue& after) {
  CatalogueChange change;
  for (const CatalogueScope& scope : after.scopes()) {
    const auto position = before.Find(scope.name);
    if (!position) {
      change.added.push_back(scope.name);
    } else if (!SameTexts(before.scopes()[*position], scope)) {
      change.reworded.push_back(scope.name);
    }
  }
  for (const CatalogueScope& scope : before.scopes()) {
    if (!after.Find(scope.name)) change.removed.push_back(scope.name);
  }
  return change;
}

}  // namespace claviger::keys
