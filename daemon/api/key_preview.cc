#include "daemon/api/key_preview.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "daemon/api/key_changes.h"
#include "daemon/api/key_json.h"
#include "daemon/keys/scope.h"

namespace claviger::api {
namespace {

void Warn(boost::json::array& warnings, std::string_view code, const std::string& message) {
  warnings.push_back({{"code", code}, {"message", message}});
}

std::string Join(const std::vector<std::string>& texts, std::string_view between) {
  std::string joined;
  for (const std::string& text : texts) {
    if (!joined.empty()) joined += between;
    joined += text;
  }
  return joined;
}

bool IsPattern(const std::string& grant) { return grant.find('*') != std::string::npos; }
bool IsDelete(const std::string& grant) {
  return grant.starts_with(std::string(keys::ScopeActionName(keys::ScopeAction::kDelete)) + ":");
}

void WarnOfScopes(boost::json::array& warnings, const std::vector<std::string>& scopes,
                  const keys::Catalogue& catalogue) {
  std::vector<std::string> deleting;
  std::copy_if(scopes.begin(), scopes.end(), std::back_inserter(deleting), IsDelete);
  if (!deleting.empty()) {
    Warn(warnings, "delete_scopes", "the key can delete: " + Join(deleting, ", "));
  }
  for (const std::string& grant : scopes) {
    if (!IsPattern(grant)) continue;
    Warn(warnings, "wildcard",
         grant + " gives " + std::to_string(catalogue.Expand(grant).size()) +
             " scopes of the catalogue now, and each that is added to it and matches");
  }
}

}  // namespace

boost::json::array WarningsOf(const keys::KeyTerms& terms, const keys::Catalogue& catalogue) {
  boost::json::array warnings;
  if (terms.request.unscoped) {
    Warn(warnings, "unscoped",
         "the key has full access: it can do whatever any scope allows, those of the future included");
  }
  const std::int64_t lifetime = terms.expires - terms.not_before;
  if (lifetime > kLongLifetime) {
    Warn(warnings, "long_lived",
         "the key lives for " + FormatDuration(lifetime) + "; " + FormatDuration(kLongLifetime) +
             " or less limit the harm if it leaks");
  }
  WarnOfScopes(warnings, terms.request.scopes, catalogue);
  if (terms.clamped) {
    Warn(warnings, "clamped",
         "the key ends at " + FormatTime(terms.expires) +
             ", earlier than asked for: the policy allows no longer life");
  }
  return warnings;
}

KeyPreview::KeyPreview(KeyActs acts, keys::KeyTerms terms, UnixSeconds now)
    : acts_(std::move(acts)), terms_(std::move(terms)), scopes_(Join(terms_.request.scopes, " ")) {
  filter_.now = now;
  filter_.states = {keys::KeyState::kPending, keys::KeyState::kActive, keys::KeyState::kPaused};
  filter_.kind = store::KeyKind::kScoped;
}

Result<bool> KeyPreview::Step(store::Tables& tables, ManagementOutcome& outcome) {
  if (next_ == 0) return Begin(tables, outcome);
  const std::int64_t end = std::min(last_, next_ + store::KeyRepository::kWalkStep - 1);
  const auto summaries = tables.keys.Summaries(filter_, {next_, end});
  if (!summaries) return summaries.error();
  for (const store::KeySummary& summary : *summaries) {
    if (summary.scopes == scopes_ && same_scopes_.size() < kMaxSameScopes) {
      same_scopes_.emplace_back(summary.id.ToString());
    }
  }
  next_ = end + 1;
  if (next_ <= last_ && same_scopes_.size() < kMaxSameScopes) return false;
  Finish(outcome);
  return true;
}

Result<bool> KeyPreview::Begin(store::Tables& tables, ManagementOutcome& outcome) {
  if (terms_.request.replaces) {
    const Status fine = CheckReplaced(acts_, tables, *terms_.request.replaces, filter_.now, outcome);
    if (!fine) return fine.error();
    if (outcome.refusal) return true;
  }
  const auto last = tables.keys.LastRef();
  if (!last) return last.error();
  next_ = 1;
  // Keys with full access have no scopes in common with others.
  last_ = terms_.request.unscoped ? 0 : *last;
  if (next_ <= last_) return false;
  Finish(outcome);
  return true;
}

void KeyPreview::Finish(ManagementOutcome& outcome) const {
  boost::json::array warnings = WarningsOf(terms_, *acts_.live().catalogue);
  if (!same_scopes_.empty()) {
    const std::size_t count = same_scopes_.size();
    Warn(warnings, "same_scopes",
         count == 1 ? "a key with exactly these scopes exists already"
                    : std::to_string(count) + (count == kMaxSameScopes ? " or more" : "") +
                          " keys with exactly these scopes exist already");
  }
  outcome.reply["terms"] = TermsJson(terms_, acts_.grantor().user);
  outcome.reply["warnings"] = std::move(warnings);
  outcome.reply["same_scopes"] = same_scopes_;
}

}  // namespace claviger::api
