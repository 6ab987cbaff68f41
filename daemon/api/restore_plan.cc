// PlanRestore.
#include <boost/json/array.hpp>
#include <memory>
#include <utility>

#include "daemon/api/backup_json.h"
#include "daemon/api/restore.h"
#include "daemon/api/restore_candidate.h"
#include "daemon/api/restore_comparison.h"
#include "daemon/api/store_steps.h"

namespace claviger::api {
namespace {

// Keys of one fate.
struct Fated {
  std::int64_t keys = 0;
  boost::json::array named;
};
using AllFated = std::array<Fated, kFateRules.size()>;

void Note(AllFated& all, KeyFate fate, const keys::KeyRecord& record) {
  Fated& fated = all[static_cast<std::size_t>(fate)];
  ++fated.keys;
  if (fated.named.size() < kMaxKeysNamedInPlan) {
    fated.named.push_back({{"key_id", record.id.ToString()}, {"name", record.name}});
  }
}

boost::json::array FatesJson(AllFated& all) {
  boost::json::array rows;
  for (const FateRule& rule : kFateRules) {
    Fated& fated = all[static_cast<std::size_t>(rule.fate)];
    if (fated.keys == 0) continue;
    std::string_view becomes = "lost";
    if (rule.becomes) becomes = rule.becomes == keys::RecordState::kRevoked ? "revoked" : "paused";
    rows.push_back(
        {{"fate", rule.name}, {"becomes", becomes}, {"keys", fated.keys}, {"named", std::move(fated.named)}});
  }
  return rows;
}

struct Comparison {
  std::string_view current = "absent";
  std::int64_t acts_since = 0;
  AllFated fated;
};

Status CompareWithOpen(Authority& authority, RestoreCandidate& candidate, Comparison& found) {
  const store::DatabaseSummary& backup = candidate.content().header.content;
  std::unique_ptr<RestoreComparison> comparison;
  return RunStepsAndWait(
      authority.store(), store::WorkKind::kRead, [&](store::Tables& today) -> Result<bool> {
        if (comparison) return comparison->Step(&today);
        const auto continues = ContinuesFrom(today, backup);
        if (!continues) return continues.error();
        const auto summary = store::Summarise(today.database);
        if (!summary) return summary.error();
        found.current = *continues ? "later" : "other";
        found.acts_since = *continues ? summary->audit_records - backup.audit_records : 0;
        comparison = std::make_unique<RestoreComparison>(
            candidate.connection().tables(), *continues,
            [&found](const keys::KeyRecord* then, const keys::KeyRecord* now, std::optional<KeyFate> fate) {
              if (fate) Note(found.fated, *fate, then != nullptr ? *then : *now);
              return Ok();
            });
        return false;
      });
}

}  // namespace

Result<boost::json::object> PlanRestore(Authority& authority, const std::string& name) {
  const auto head = RestoreCandidate::ReadHead(authority, name);
  if (!head) return head.error();
  boost::json::object plan = {{"backup", BackupJson(name, *head)}};
  const bool bound = !authority.token().installation_id().empty();
  plan["checked"] = bound;
  if (!bound) {
    plan["current"] = "absent";
    plan["acts_since"] = 0;
    plan["changes"] = boost::json::array();
    return plan;
  }
  auto candidate = RestoreCandidate::Open(authority, name);
  if (!candidate) return candidate.error();
  Comparison found;
  if (authority.store().is_open()) {
    if (Status s = CompareWithOpen(authority, **candidate, found); !s) return s.error();
  } else {
    found.current = "unreadable";
  }
  plan["current"] = found.current;
  plan["acts_since"] = found.acts_since;
  plan["changes"] = FatesJson(found.fated);
  return plan;
}

}  // namespace claviger::api
