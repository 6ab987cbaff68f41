// Scopes: "action:resource[:domain]", segments of [a-z0-9-]+, e.g. read:policies:admin.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace claviger::keys {

enum class ScopeAction { kRead, kWrite, kDelete };
std::string_view ScopeActionName(ScopeAction action);
std::optional<ScopeAction> ParseScopeAction(std::string_view text);

inline constexpr std::size_t kMaxScopeLength = 128;
inline constexpr std::size_t kMaxScopesPerKey = 256;
inline constexpr std::size_t kMaxScopesPerQuery = 64;

// A scope name taken apart; the views point into the text that was parsed.
struct ScopeName {
  ScopeAction action;
  std::string_view resource;
  std::string_view domain;  // "" if there is none
};

// kInvalidArgument with the rule that `text` breaks. No allocation on success.
Result<ScopeName> ParseScope(std::string_view text);

}  // namespace claviger::keys
