#include "daemon/keys/unit_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "daemon/keys/request_rules.h"

namespace claviger::keys {
namespace {

constexpr std::size_t kMaxUnitNameBytes = 255;  // systemd's own limit, as is the next
constexpr std::size_t kMaxCredentialBytes = 255;
constexpr std::string_view kInstance = "1";  // stands in for '*' where a rule is judged before any start

Error Invalid(std::string message) { return Error(ErrorCode::kInvalidArgument, std::move(message)); }

bool IsUnitCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view(":-_.\\@").find(c) != std::string_view::npos;
}

std::string_view WithoutSuffix(std::string_view unit) { return unit.substr(0, unit.rfind('.')); }

std::string ExampleOf(const UnitRule& rule) {
  std::string unit = rule.name;
  if (const std::size_t star = unit.find('*'); star != std::string::npos) unit.replace(star, 1, kInstance);
  return unit;
}

}  // namespace

Status CheckUnitName(std::string_view text) {
  if (text.empty() || text.size() > kMaxUnitNameBytes) {
    return Invalid(fmt::format("has {} bytes; a unit's name has 1 to {}", text.size(), kMaxUnitNameBytes));
  }
  const std::size_t dot = text.rfind('.');
  if (dot == 0 || dot == std::string_view::npos || dot + 1 == text.size()) {
    return Invalid("is no unit; write its whole name, such as app.service");
  }
  if (std::count(text.begin(), text.end(), '*') > 1) return Invalid("has more than one *; one is allowed");
  if (const std::size_t star = text.find('*'); star != std::string_view::npos) {
    const std::size_t at = text.find('@');
    if (at == std::string_view::npos || at > star || star > dot) {
      return Invalid("has a * that stands for no instance; write such as worker@*.service");
    }
  }
  const bool known =
      std::all_of(text.begin(), text.end(), [](char c) { return c == '*' || IsUnitCharacter(c); });
  if (known) return Ok();
  return Invalid("holds a character that no unit's name has; escape it with systemd-escape");
}

Status CheckUnitCredential(std::string_view text) {
  const bool right = !text.empty() && text.size() <= kMaxCredentialBytes && text != "." && text != ".." &&
                     std::all_of(text.begin(), text.end(),
                                 [](char c) { return c > ' ' && c <= '~' && c != '/' && c != ':'; });
  if (right) return Ok();
  return Invalid("must be the ID that stands before the colon of LoadCredential=, such as api-key");
}

bool Covers(const UnitRule& rule, std::string_view unit) {
  const std::string_view name = rule.name;
  const std::size_t star = name.find('*');
  if (star == std::string_view::npos) return name == unit;
  return unit.size() >= name.size() && unit.starts_with(name.substr(0, star)) &&
         unit.ends_with(name.substr(star + 1));
}

const UnitRule* FindUnitRule(std::span<const UnitRule> rules, std::string_view unit,
                             std::string_view credential) {
  for (const bool pattern : {false, true}) {
    for (const UnitRule& rule : rules) {
      if (rule.IsPattern() == pattern && rule.credential == credential && Covers(rule, unit)) return &rule;
    }
  }
  return nullptr;
}

KeyRequest UnitKeyRequest(const UnitRule& rule, std::string_view unit, UnixSeconds now) {
  KeyRequest request;
  request.name = fmt::format("{}/{}", unit, rule.credential);
  request.description = rule.description;
  request.owner = rule.owner.empty() ? std::string(WithoutSuffix(unit)) : rule.owner;
  request.team = rule.team;
  request.scopes = rule.scopes;
  request.bundles = rule.bundles;
  if (rule.lifetime) request.expires = Later(now, *rule.lifetime);
  return request;
}

std::string UnitCreator(std::string_view unit) { return fmt::format("unit:{}", unit); }

Status CheckUnitRules(const Policy& policy, const Catalogue& catalogue, std::span<const UnitRule> rules,
                      UnixSeconds now) {
  for (const UnitRule& rule : rules) {
    const std::string context = fmt::format("[[unit]] {}", rule.name);
    const std::string unit = ExampleOf(rule);
    const auto terms =
        ApplyPolicy(policy, catalogue, UnitKeyRequest(rule, unit, now), UnitCreator(unit), now);
    if (!terms) return terms.error().WithContext(context);
    if (rule.previous > policy.maximum_grace && policy.excess == ExcessRule::kRefuse) {
      return Error(
          ErrorCode::kLimitExceeded,
          fmt::format("{}: previous: \"{}\" is longer than the policy's maximum_grace of \"{}\"; lower "
                      "the first or raise the second",
                      context, FormatDuration(rule.previous),
                      policy.maximum_grace == 0 ? "0s" : FormatDuration(policy.maximum_grace)));
    }
  }
  return Ok();
}

KeyRecord FollowTerms(KeyRecord record, const KeyTerms& terms) {
  const KeyRequest& request = terms.request;
  record.name = request.name;
  record.description = request.description;
  record.owner = request.owner;
  record.team = request.team;
  record.scopes = request.scopes;
  record.bundles = request.bundles;
  record.unscoped = false;
  record.unscoped_reason.clear();
  return record;
}

}  // namespace claviger::keys
