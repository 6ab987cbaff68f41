// The scopes that exist on this host, read from TOML files (scopes.d).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "daemon/keys/scope.h"

namespace claviger::keys {

inline constexpr std::size_t kMaxCatalogueScopes = 4096;

struct CatalogueScope {
  std::string name;
  ScopeAction action;
  std::string summary;      // one line: "Read policies"
  std::string description;  // what it opens; may be empty
  std::string domain;       // "" if the name has none
  std::string evidence;     // where the scope is documented; may be empty
};

inline constexpr std::size_t kMaxCatalogueBundles = 256;

// A named set of scopes that a key can be made from.
struct ScopeBundle {
  std::string name;  // [a-z0-9-]+, at most kMaxScopeLength bytes
  std::string summary;
  std::vector<std::string> scopes;  // catalogued; sorted, without doubles, never empty
};

// What one file of scopes.d says of itself.
struct CatalogueFile {
  std::string file_name;
  std::string name;          // may be empty
  std::string domain;        // may be empty
  std::int64_t version = 0;  // 0 = it says none
  std::size_t scopes = 0;
};

// A file of scopes.d and its content.
struct CatalogueSource {
  std::string file_name;
  std::string text;
};

// Immutable once built; share it by pointer. Thread-safe.
class Catalogue {
 public:
  // kConfiguration with file, line and what to write instead: for TOML errors, unknown fields, malformed or
  // doubled scopes, wrong types, a name whose domain differs from its file's, more than kMaxCatalogueScopes;
  // and for bundles that are doubled, empty, or name a scope that no file has.
  static Result<std::shared_ptr<const Catalogue>> Build(const std::vector<CatalogueSource>& sources);

  // In order of name.
  const std::vector<CatalogueScope>& scopes() const { return scopes_; }
  // The scope's position in scopes(), the bit that stands for it. nullopt if it is not catalogued. No
  // allocation.
  std::optional<std::size_t> Find(std::string_view name) const;
  // The catalogued name nearest to `name`, "" if none is near: for "did you mean".
  std::string_view Nearest(std::string_view name) const;

  // In order of name.
  const std::vector<ScopeBundle>& bundles() const { return bundles_; }
  // nullptr if there is none of this name.
  const ScopeBundle* FindBundle(std::string_view name) const;
  // In the order in which they were read.
  const std::vector<CatalogueFile>& files() const { return files_; }
  // Positions of the scopes that `grant` (a scope or a pattern) gives; empty if it gives none.
  std::vector<std::size_t> Expand(std::string_view grant) const;

 private:
  Catalogue() = default;
  std::vector<ScopeBundle> bundles_;
  std::vector<CatalogueFile> files_;
  std::vector<CatalogueScope> scopes_;
  std::unordered_map<std::string_view, std::size_t> index_;  // views into scopes_, which never changes
};

// How `after` differs from `before`, by name.
struct CatalogueChange {
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<std::string> reworded;  // same name, other texts
};
CatalogueChange CompareCatalogues(const Catalogue& before, const Catalogue& after);

// A set of catalogued scopes as bits over one Catalogue. Value type.
class ScopeSet {
 public:
  ScopeSet() = default;
  explicit ScopeSet(std::size_t scopes) : words_((scopes + 63) / 64) {}
  void Add(std::size_t position) { words_[position / 64] |= std::uint64_t{1} << (position % 64); }
  bool Has(std::size_t position) const {
    return position / 64 < words_.size() && ((words_[position / 64] >> (position % 64)) & 1) != 0;
  }

 private:
  std::vector<std::uint64_t> words_;
};

}  // namespace claviger::keys
