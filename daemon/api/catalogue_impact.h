// What another catalogue does to the keys that there are.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "daemon/api/authority.h"
#include "daemon/audit/audit_log.h"
#include "daemon/keys/catalogue.h"
#include "daemon/store/key_repository.h"

namespace claviger::api {

// A scope that the new catalogue does not have.
struct LostScope {
  static constexpr std::size_t kMostKeyIds = 100;
  static constexpr std::size_t kMostNearest = 5;

  std::string name;
  std::vector<std::string>
      nearest;            // new scopes of the same action and a similar resource, most similar first
  std::int64_t keys = 0;  // that lose it
  std::vector<std::string> key_ids;  // the first of them
};

// Gathers from the keys that it is given which of them lose what. A pattern gives what it matched in the
// catalogue before. Bundles count for nothing: a key has its own list of scopes. Thread-compatible.
class CatalogueImpact {
 public:
  CatalogueImpact(const keys::Catalogue& before, const keys::Catalogue& after);

  // A key that has not ended.
  void Add(const store::KeySummary& key);

  const keys::CatalogueChange& change() const { return change_; }
  // In order of name.
  const std::vector<LostScope>& lost() const { return lost_; }
  // How many keys lose anything.
  std::int64_t losing_keys() const { return losing_keys_; }
  // "write:things:own (2 keys) and 3 more": the scopes that keys lose.
  std::string DescribeLosses() const;

 private:
  // Positions in lost_ of what the grant gave.
  const std::vector<std::size_t>& LostBy(std::string_view grant);

  keys::CatalogueChange change_;
  std::vector<LostScope> lost_;
  std::unordered_map<std::string, std::vector<std::size_t>> lost_by_;  // grants that were seen
  std::int64_t losing_keys_ = 0;
};

// Gives all keys that have not ended to `impact`; waits. On the main thread. Does nothing if no scope is
// removed; else kUnavailable while the database is closed.
Status MeasureImpact(Authority& authority, CatalogueImpact& impact);

// "catalogue.reload", with what was added and removed.
audit::Act CatalogueReloadAct(const audit::Actor& actor, const CatalogueImpact& impact);

// The reply of ReloadCatalogue.
boost::json::object ImpactJson(const CatalogueImpact& impact, bool in_force);

}  // namespace claviger::api
