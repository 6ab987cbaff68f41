#include "daemon/keys/scope.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace claviger::keys {
namespace {

constexpr std::array<std::string_view, 3> kActionNames = {"read", "write", "delete"};

Error ScopeError(std::string_view text, std::string_view why) {
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("scope \"{}\": {}; write it as action:resource or action:resource:domain, such as "
                           "read:policies:admin",
                           EscapeForDisplay(text.substr(0, kMaxScopeLength)), why));
}

// Takes the text up to the next colon, or all of it, off the front of `text`; the colon goes too.
std::string_view TakeSegment(std::string_view& text) {
  const std::size_t colon = text.find(':');
  const std::string_view segment = text.substr(0, colon);
  text.remove_prefix(colon == std::string_view::npos ? text.size() : colon + 1);
  return segment;
}

}  // namespace

bool IsScopeSegment(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string_view ScopeActionName(ScopeAction action) {
  return kActionNames[static_cast<std::size_t>(action)];
}

std::optional<ScopeAction> ParseScopeAction(std::string_view text) {
  for (std::size_t i = 0; i < kActionNames.size(); ++i) {
    if (text == kActionNames[i]) return static_cast<ScopeAction>(i);
  }
  return std::nullopt;
}

Result<ScopeName> ParseScope(std::string_view text) {
  if (text.size() > kMaxScopeLength) {
    return ScopeError(
        text, fmt::format("has {} bytes, of which at most {} are accepted", text.size(), kMaxScopeLength));
  }
  const auto colons = std::count(text.begin(), text.end(), ':');
  if (colons < 1 || colons > 2)
    return ScopeError(text, "does not have two or three parts with colons between them");
  std::string_view rest = text;
  const auto action = ParseScopeAction(TakeSegment(rest));
  if (!action) return ScopeError(text, "does not begin with read, write or delete");
  ScopeName name{*action, TakeSegment(rest), {}};
  if (!IsScopeSegment(name.resource))
    return ScopeError(text, "has a resource that is not made of a-z, 0-9 and -");
  if (colons == 2) {
    name.domain = rest;
    if (!IsScopeSegment(name.domain))
      return ScopeError(text, "has a domain that is not made of a-z, 0-9 and -");
  }
  return name;
}

}  // namespace claviger::keys
