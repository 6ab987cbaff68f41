#include <fmt/format.h>

#include <algorithm>

#include "daemon/keys/policy.h"
#include "daemon/keys/request_rules.h"

namespace claviger::keys {
namespace {

// Collects what is broken. The rules' errors begin with "field: ", which a violation has apart.
class Violations {
 public:
  void Add(std::string_view field, std::string message) {
    list_.push_back({std::string(field), std::move(message)});
  }
  void Add(const Status& status, std::string_view field) {
    if (status) return;
    const std::string message = status.error().message();
    const std::string prefix = std::string(field) + ": ";
    Add(field, message.rfind(prefix, 0) == 0 ? message.substr(prefix.size()) : message);
  }
  std::vector<Violation> Take() { return std::move(list_); }

 private:
  std::vector<Violation> list_;
};

std::string AndMore(const std::vector<std::string>& names) {
  return names.size() == 1 ? names.front() : fmt::format("{} and {} more", names.front(), names.size() - 1);
}

void CheckGrants(const Policy& policy, const Catalogue& catalogue, const KeyRecord& record,
                 Violations& violations) {
  std::vector<std::string> patterns, lost;
  for (const std::string& grant : record.scopes) {
    if (grant.find('*') != std::string::npos) patterns.push_back(grant);
    if (catalogue.Expand(grant).empty()) lost.push_back(grant);
  }
  if (!patterns.empty() && !policy.wildcards) {
    violations.Add("scopes", fmt::format("the policy forbids patterns; the key holds {}", AndMore(patterns)));
  }
  if (!lost.empty()) {
    violations.Add("scopes", fmt::format("the catalogue has nothing for {}", AndMore(lost)));
  }
}

void CheckLifetime(const LifetimeLimits& limits, const KeyRecord& record, Violations& violations) {
  const UnixSeconds start = std::max(record.current().created, record.not_before);
  const UnixSeconds latest = Later(start, limits.maximum_lifetime);
  if (record.expires <= latest) return;
  violations.Add("expires_at",
                 fmt::format("the lifetime of {} is beyond the policy's maximum of {}, which ends at {}",
                             FormatDuration(record.expires - start), FormatDuration(limits.maximum_lifetime),
                             FormatTime(latest)));
}

}  // namespace

std::vector<Violation> CheckCompliance(const Policy& policy, const Catalogue& catalogue,
                                       const KeyRecord& record, UnixSeconds now) {
  if (record.state == RecordState::kRevoked || now >= record.expires) return {};
  Violations violations;
  violations.Add(CheckName(policy, record.name), "name");
  violations.Add(CheckDescription(policy, record.description), "description");
  violations.Add(CheckTeam(policy, record.team), "team");
  const LifetimeLimits limits = LimitsFor(policy, record.scopes, record.owner);
  if (record.unscoped && limits.unscoped == UnscopedRule::kForbid) {
    violations.Add("unscoped_reason", "the policy forbids keys with full access");
  }
  CheckGrants(policy, catalogue, record, violations);
  CheckLifetime(limits, record, violations);
  return violations.Take();
}

}  // namespace claviger::keys
