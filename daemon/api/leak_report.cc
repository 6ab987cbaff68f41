#include "daemon/api/leak_report.h"

#include <boost/json/serialize.hpp>
#include <utility>
#include <vector>

#include "base/text.h"
#include "daemon/api/state_changes.h"

namespace claviger::api {
namespace {

constexpr std::string_view kActUnknownLeak = "leak.unknown";
constexpr std::string_view kLeaked = "leaked";

}  // namespace

std::string LeakReason(const std::string& source) {
  std::string reason(kLeaked);
  if (!source.empty()) reason += ": " + source;
  if (reason.size() > kMaxTextBytes) reason.resize(kMaxTextBytes);
  // The cut may have left half a character or a space at the end, which no text may have.
  while (!CheckText("reason", reason)) reason.pop_back();
  return reason;
}

Status LeakReport::Handle(store::Tables& tables, ManagementOutcome& outcome) const {
  const UnixSeconds now = acts_.authority().clock().Now();
  const auto record = tables.keys.Find(key_.id);
  if (!record) return record.error();
  if (!*record) return Unknown(tables, now, outcome);
  const auto match = FindSecret(tables, **record, now);
  if (!match) return match.error();
  return *match ? Known(tables, **record, **match, now, outcome) : Unknown(tables, now, outcome);
}

Result<std::optional<LeakReport::Match>> LeakReport::FindSecret(store::Tables& tables,
                                                                const keys::KeyRecord& record,
                                                                UnixSeconds now) const {
  const auto live = Matching(record.generations);
  if (!live) return live.error();
  if (*live != nullptr) {
    const bool ended = record.state == keys::RecordState::kRevoked || record.expires <= now ||
                       (*live)->ends.value_or(record.expires) <= now;
    return std::optional(Match{(*live)->number, ended});
  }
  const auto ended = tables.keys.EndedGenerations(key_.id, kMaxEndedGenerationsTried);
  if (!ended) return ended.error();
  const auto found = Matching(*ended);
  if (!found) return found.error();
  if (*found == nullptr) return std::optional<Match>();
  return std::optional(Match{(*found)->number, true});
}

Result<const keys::Generation*> LeakReport::Matching(const std::vector<keys::Generation>& generations) const {
  std::vector<MacRequest> requests;
  requests.reserve(generations.size());
  for (const keys::Generation& generation : generations) {
    requests.push_back(keys::VerifierRequest(key_.id, generation.number, key_.secret));
  }
  const keys::Generation* none = nullptr;
  if (requests.empty()) return none;
  const auto macs = acts_.authority().token_mac().Compute(requests);
  if (!macs) return macs.error();
  for (std::size_t i = 0; i < generations.size() && i < macs->size(); ++i) {
    if (EqualInConstantTime((*macs)[i], generations[i].verifier)) return &generations[i];
  }
  return none;
}

// The string may be a key of another host, or a forgery; that someone has asked is on record.
Status LeakReport::Unknown(store::Tables& tables, UnixSeconds now, ManagementOutcome& outcome) const {
  audit::Act act;
  act.actor = acts_.actor();
  act.name = kActUnknownLeak;
  boost::json::object evidence = {{"presented_id", key_.id.ToString()}};
  if (!source_.empty()) evidence["source"] = source_;
  act.after = boost::json::serialize(evidence);
  const auto sequence = acts_.authority().audit().Append(tables.database, act, now);
  if (!sequence) return sequence.error();
  outcome.reply["outcome"] = "unknown";
  return Ok();
}

Status LeakReport::Known(store::Tables& tables, const keys::KeyRecord& record, const Match& match,
                         UnixSeconds now, ManagementOutcome& outcome) const {
  const std::string_view result = match.ended ? "already_ended" : "revoked";
  outcome.reply["outcome"] = result;
  outcome.reply["key_id"] = record.id.ToString();
  outcome.reply["generation"] = match.generation;
  boost::json::object evidence = {{"leaked_generation", match.generation}, {"outcome", result}};
  if (!source_.empty()) evidence["source"] = source_;
  Status told =
      acts_.PutOnRecord(tables, {kActLeakReported, nullptr, &record, std::move(evidence)}, now, outcome);
  if (!told) return told;
  if (match.ended) return acts_.ShowRecord(tables, record, now, outcome);

  const std::string reason = LeakReason(source_);
  auto revoked = kRevokeChange.apply(record, acts_.grantor(), reason, now);
  if (!revoked) return revoked.error();
  const StateChanges changes(acts_, reason);
  Status written = changes.Write(tables, kActRevoke, record, std::move(**revoked), now, outcome);
  if (!written) return written;
  return acts_.ShowRecord(tables, outcome.publish.back(), now, outcome);
}

}  // namespace claviger::api
