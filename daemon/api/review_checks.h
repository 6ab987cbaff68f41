// What a review looks for in each key by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "daemon/api/review.h"

namespace claviger::api {

struct ReviewContext {
  const ReviewTerms& terms;
  const LiveSettings& live;
  UnixSeconds now;
};

struct ReviewCheck {
  FindingKind kind;
  bool of_ended_keys;  // besides the others
  // How urgent it is, larger is more; nullopt: nothing is found.
  std::optional<std::int64_t> (*urgency)(const ReviewContext& context, const store::KeySummary& key);
  // What the finding adds to the key; nullptr: nothing.
  std::string (*detail)(const ReviewContext& context, const store::KeySummary& key);
};

// All but same_scopes, which compares keys.
std::span<const ReviewCheck> ReviewChecks();

bool HasEnded(keys::KeyState state);
// Calls `use` with each name of the summary's scopes.
template <typename Use>
void ForEachScope(std::string_view scopes, Use use) {
  while (!scopes.empty()) {
    const std::size_t end = std::min(scopes.find(' '), scopes.size());
    use(scopes.substr(0, end));
    scopes.remove_prefix(std::min(end + 1, scopes.size()));
  }
}
// Whether one of the scopes has this action.
bool HoldsAction(std::string_view scopes, keys::ScopeAction action);

}  // namespace claviger::api
