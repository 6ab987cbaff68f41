#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "daemon/keys/scope.h"

namespace claviger::keys {
namespace {

constexpr std::string_view kAnything = "*";

// What a pattern asks of the domain.
enum class DomainRule {
  kNone,   // there must not be one
  kOne,    // this one
  kSome,   // any, but there must be one
  kEither  // with or without
};

// A pattern taken apart: three conditions that are independent of each other. An action or resource of "*" is
// any.
struct Conditions {
  std::string_view action, resource;
  DomainRule rule = DomainRule::kNone;
  std::string_view domain;  // with kOne
};

Conditions TakeApart(std::string_view text) {
  const std::size_t first = text.find(':');
  if (first == std::string_view::npos) return {kAnything, kAnything, DomainRule::kEither, {}};
  const std::string_view action = text.substr(0, first), rest = text.substr(first + 1);
  const std::size_t second = rest.find(':');
  if (second == std::string_view::npos) {
    return {action, rest, rest == kAnything ? DomainRule::kEither : DomainRule::kNone, {}};
  }
  const std::string_view domain = rest.substr(second + 1);
  if (domain == kAnything) return {action, rest.substr(0, second), DomainRule::kSome, {}};
  return {action, rest.substr(0, second), DomainRule::kOne, domain};
}

bool SegmentCovers(std::string_view a, std::string_view b) { return a == kAnything || a == b; }
bool SegmentsOverlap(std::string_view a, std::string_view b) {
  return a == b || a == kAnything || b == kAnything;
}

bool DomainCovers(const Conditions& a, const Conditions& b) {
  switch (a.rule) {
    case DomainRule::kNone:
      return b.rule == DomainRule::kNone;
    case DomainRule::kOne:
      return b.rule == DomainRule::kOne && a.domain == b.domain;
    case DomainRule::kSome:
      return b.rule == DomainRule::kOne || b.rule == DomainRule::kSome;
    case DomainRule::kEither:
      return true;
  }
  return false;
}

bool DomainsOverlap(const Conditions& a, const Conditions& b) {
  if (a.rule == DomainRule::kEither || b.rule == DomainRule::kEither) return true;
  if (a.rule == DomainRule::kNone || b.rule == DomainRule::kNone) return a.rule == b.rule;
  return a.rule == DomainRule::kSome || b.rule == DomainRule::kSome || a.domain == b.domain;
}

Error PatternError(std::string_view text, std::string_view why) {
  return Error(
      ErrorCode::kInvalidArgument,
      fmt::format("pattern \"{}\": {}; write it as a scope in which * stands for whole parts, such as "
                  "read:*:billing or delete:*",
                  EscapeForDisplay(text.substr(0, kMaxScopeLength)), why));
}

}  // namespace

Result<ScopePattern> ScopePattern::Parse(std::string_view text) {
  if (text.size() > kMaxScopeLength) {
    return PatternError(
        text, fmt::format("has {} bytes, of which at most {} are accepted", text.size(), kMaxScopeLength));
  }
  if (text.find('*') == std::string_view::npos) {
    if (auto scope = ParseScope(text); !scope) return scope.error();
  } else if (text != kAnything) {
    const auto colons = std::count(text.begin(), text.end(), ':');
    if (colons < 1 || colons > 2) {
      return PatternError(text, "is neither * nor has two or three parts with colons between them");
    }
    const Conditions parts = TakeApart(text);
    if (parts.action != kAnything && !ParseScopeAction(parts.action)) {
      return PatternError(text, "does not begin with read, write, delete or *");
    }
    const bool resource = parts.resource == kAnything || IsScopeSegment(parts.resource);
    if (!resource || (parts.rule == DomainRule::kOne && !IsScopeSegment(parts.domain))) {
      return PatternError(text, "has a part that is neither * nor made of a-z, 0-9 and -");
    }
  }
  ScopePattern pattern;
  pattern.text_ = text;
  return pattern;
}

bool ScopePattern::Matches(const ScopeName& scope) const {
  const Conditions mine = TakeApart(text_);
  const Conditions one{ScopeActionName(scope.action), scope.resource,
                       scope.domain.empty() ? DomainRule::kNone : DomainRule::kOne, scope.domain};
  return SegmentCovers(mine.action, one.action) && SegmentCovers(mine.resource, one.resource) &&
         DomainCovers(mine, one);
}

bool ScopePattern::Covers(const ScopePattern& other) const {
  const Conditions mine = TakeApart(text_), others = TakeApart(other.text_);
  return SegmentCovers(mine.action, others.action) && SegmentCovers(mine.resource, others.resource) &&
         DomainCovers(mine, others);
}

bool ScopePattern::Overlaps(const ScopePattern& other) const {
  const Conditions mine = TakeApart(text_), others = TakeApart(other.text_);
  return SegmentsOverlap(mine.action, others.action) && SegmentsOverlap(mine.resource, others.resource) &&
         DomainsOverlap(mine, others);
}

Result<ScopePattern> ParseGrant(std::string_view text) {
  auto pattern = ScopePattern::Parse(text);
  if (pattern && TakeApart(text).action == kAnything) {
    return PatternError(text, "has no action; a key holds one of them at a time");
  }
  return pattern;
}

std::vector<std::string> GrantsThatGive(std::string_view name) {
  const Conditions scope = TakeApart(name);
  std::vector<std::string> grants = {std::string(name), fmt::format("{}:*", scope.action)};
  if (scope.rule == DomainRule::kOne) {
    grants.push_back(fmt::format("{}:{}:*", scope.action, scope.resource));
    grants.push_back(fmt::format("{}:*:{}", scope.action, scope.domain));
    grants.push_back(fmt::format("{}:*:*", scope.action));
  }
  return grants;
}

bool AnyCovers(const std::vector<std::string>& grants, std::string_view grant) {
  const auto wanted = ScopePattern::Parse(grant);
  return wanted && std::any_of(grants.begin(), grants.end(), [&](const std::string& text) {
           const auto held = ScopePattern::Parse(text);
           return held && held->Covers(*wanted);
         });
}

}  // namespace claviger::keys
