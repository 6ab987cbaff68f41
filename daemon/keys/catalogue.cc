#include "daemon/keys/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "daemon/keys/catalogue_file.h"

namespace claviger::keys {

Result<std::shared_ptr<const Catalogue>> Catalogue::Build(const std::vector<CatalogueSource>& sources) {
  std::vector<ScopeAtLine> found;
  for (const CatalogueSource& source : sources) {
    if (auto read = ReadCatalogueFile(source, found); !read) return read.error();
    if (found.size() > kMaxCatalogueScopes) {
      return Error(
          ErrorCode::kConfiguration,
          fmt::format("{}: is one scope too many; a catalogue can have {}, so remove files or scopes",
                      found[kMaxCatalogueScopes].where, kMaxCatalogueScopes));
    }
  }
  // Stable: of two equal names, the one that was read first stays first.
  std::stable_sort(found.begin(), found.end(),
                   [](const ScopeAtLine& a, const ScopeAtLine& b) { return a.scope.name < b.scope.name; });
  const auto doubled = std::adjacent_find(
      found.begin(), found.end(),
      [](const ScopeAtLine& a, const ScopeAtLine& b) { return a.scope.name == b.scope.name; });
  if (doubled != found.end()) {
    return Error(ErrorCode::kConfiguration,
                 fmt::format("{}: scope {} is in the catalogue already, at {}; remove one",
                             (doubled + 1)->where, doubled->scope.name, doubled->where));
  }

  const std::shared_ptr<Catalogue> catalogue(new Catalogue);
  catalogue->scopes_.reserve(found.size());
  for (ScopeAtLine& scope : found) catalogue->scopes_.push_back(std::move(scope.scope));
  for (std::size_t i = 0; i < catalogue->scopes_.size(); ++i) {
    catalogue->index_.emplace(catalogue->scopes_[i].name, i);
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

}  // namespace claviger::keys
