// Scopes: "action:resource[:domain]", segments of [a-z0-9-]+, e.g. read:policies:admin; and patterns of them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace claviger::keys {

enum class ScopeAction { kRead, kWrite, kDelete };
std::string_view ScopeActionName(ScopeAction action);
std::optional<ScopeAction> ParseScopeAction(std::string_view text);

inline constexpr std::size_t kMaxScopeLength = 128;
inline constexpr std::size_t kMaxScopesPerKey = 256;
inline constexpr std::size_t kMaxScopesPerQuery = 64;

// Whether `text` can stand between two colons: [a-z0-9-]+.
bool IsScopeSegment(std::string_view text);

// A scope name taken apart; the views point into the text that was parsed.
struct ScopeName {
  ScopeAction action;
  std::string_view resource;
  std::string_view domain;  // "" if there is none
};

// kInvalidArgument with the rule that `text` breaks. No allocation on success.
Result<ScopeName> ParseScope(std::string_view text);

// A scope in which "*" may stand for whole segments: "read:*:billing", "delete:*", "*". A "*" at the end
// stands for everything from there on: "read:*" is every read scope, with and without a domain;
// "read:policies:*" is that resource in every domain, but not "read:policies". Elsewhere it stands for one
// segment. A pattern without "*" is one scope. Value type.
class ScopePattern {
 public:
  // kInvalidArgument with the rule that `text` breaks.
  static Result<ScopePattern> Parse(std::string_view text);

  const std::string& text() const { return text_; }
  bool wildcard() const { return text_.find('*') != std::string::npos; }
  bool Matches(const ScopeName& scope) const;
  // Whether every scope that `other` matches is matched by this.
  bool Covers(const ScopePattern& other) const;
  // Whether there can be a scope that both match.
  bool Overlaps(const ScopePattern& other) const;

  friend bool operator==(const ScopePattern&, const ScopePattern&) = default;

 private:
  std::string text_;
};

// What a key can hold: a scope or a pattern whose action is not "*". kInvalidArgument otherwise.
Result<ScopePattern> ParseGrant(std::string_view text);

// The texts of all grants that give the scope `name`: itself and the patterns that match it. `name` is a
// well-formed scope.
std::vector<std::string> GrantsThatGive(std::string_view name);

// Whether one of `grants` gives all that `grant` gives, now and with every catalogue to come. Several of them
// never do so only together: patterns have one action, and none matches every scope without a domain but no
// others.
bool AnyCovers(const std::vector<std::string>& grants, std::string_view grant);

}  // namespace claviger::keys
