#include "daemon/api/scope_memo.h"

#include <cstring>

#include "daemon/keys/scope.h"

namespace claviger::api {

static_assert(protocol::kMaxScannedScopes <= keys::kMaxScopesPerQuery);

bool ReadScopes(std::span<const std::string_view> names, const keys::Catalogue& catalogue,
                keys::VerifyQuery& query) {
  query.scope_count = 0;
  if (names.size() > query.scopes.size()) return false;
  for (const std::string_view name : names) {
    const auto position = catalogue.Find(name);
    if (!position && !keys::ParseScope(name)) return false;
    query.scopes[query.scope_count++] = position.value_or(keys::VerifyQuery::kNotCatalogued);
  }
  return true;
}

const keys::VerifyQuery* ScopeMemo::Of(const protocol::VerifyCall& call, const keys::Catalogue& catalogue) {
  const std::string_view text = call.scopes_text;
  if (call.scope_count == 0) return &none_;
  if (text.size() > kMaxText) return ReadScopes(call.asked(), catalogue, other_) ? &other_ : nullptr;
  // Texts of scopes differ in their length and at their ends.
  std::uint64_t end = 0;
  if (text.size() >= sizeof(end)) std::memcpy(&end, text.data() + text.size() - sizeof(end), sizeof(end));
  const std::uint64_t hash = (end ^ text.size()) * 0x9E3779B97F4A7C15U;
  Place& place = places_[hash >> 58];
  if (place.text == text) return &place.query;
  place.text.clear();
  if (!ReadScopes(call.asked(), catalogue, place.query)) return nullptr;
  place.text.assign(text);
  return &place.query;
}

void ScopeMemo::Forget() {
  for (Place& place : places_) place.text.clear();
}

}  // namespace claviger::api
