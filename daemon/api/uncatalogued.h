// Keys that hold what the catalogue does not have: so much of them is without effect.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "daemon/api/authority.h"
#include "daemon/keys/catalogue.h"
#include "daemon/store/key_repository.h"

namespace claviger::api {

// Calls `each` with every grant of a KeySummary's `scopes`.
template <class Each>
void ForEachGrant(std::string_view scopes, Each each) {
  while (!scopes.empty()) {
    const std::size_t end = scopes.find(' ');
    if (const std::string_view grant = scopes.substr(0, end); !grant.empty()) each(grant);
    scopes.remove_prefix(end == std::string_view::npos ? scopes.size() : end + 1);
  }
}

// Gathers such grants from the keys that it is given. Thread-compatible.
class UncataloguedGrants {
 public:
  // Of the grants that are found, the first so many are told apart.
  static constexpr std::size_t kMostTold = 10;

  explicit UncataloguedGrants(std::shared_ptr<const keys::Catalogue> catalogue)
      : catalogue_(std::move(catalogue)) {}

  void Add(const store::KeySummary& key);
  std::int64_t keys() const { return keys_; }
  // "2 keys hold scopes that the catalogue does not have, and that are without effect: write:things:own (2)";
  // "" if there are none.
  std::string Describe() const;

 private:
  bool Catalogued(std::string_view grant);

  const std::shared_ptr<const keys::Catalogue> catalogue_;
  std::unordered_map<std::string, bool> patterns_;  // whether each gives anything; at most kMostRemembered
  std::map<std::string, std::int64_t> found_;       // grant -> keys; at most kMostTold
  bool more_ = false;
  std::int64_t keys_ = 0;
};

// Looks at all keys and tells the log what it has found, if anything. Returns at once.
void TellUncatalogued(Authority& authority);

}  // namespace claviger::api
