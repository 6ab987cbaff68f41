#include "daemon/keys/key_entry.h"

#include <algorithm>
#include <utility>

namespace claviger::keys {
namespace {

// The generation's position in the record, or the number of generations if the record no longer has it.
std::size_t PositionOf(const KeyRecord& record, std::uint32_t generation) {
  const auto found = std::find_if(record.generations.begin(), record.generations.end(),
                                  [=](const Generation& g) { return g.number == generation; });
  return static_cast<std::size_t>(found - record.generations.begin());
}

}  // namespace

KeyEntry::KeyEntry(KeyRecord record, std::shared_ptr<const Catalogue> catalogue,
                   std::vector<std::string> prepared)
    : record_(std::move(record)),
      catalogue_(std::move(catalogue)),
      prepared_(std::move(prepared)),
      scopes_(catalogue_->scopes().size()) {
  for (const std::string& scope : record_.scopes) {
    if (const auto position = catalogue_->Find(scope)) scopes_.Add(*position);
  }
}

const std::string& KeyEntry::prepared(std::uint32_t generation) const {
  return prepared_[PositionOf(record_, generation)];
}

std::optional<std::uint32_t> KeyEntry::ProvedGeneration(const ProofKey& proof_key, const KeySecret& secret,
                                                        SteadyTime now) const {
  // The current one first: almost every caller has it.
  for (std::size_t i = std::min(record_.generations.size(), proofs_.size()); i-- > 0;) {
    const std::uint32_t number = record_.generations[i].number;
    if (proofs_[i].Confirms(proof_key.Prove(record_.id, number, secret), now)) return number;
  }
  return std::nullopt;
}

void KeyEntry::HoldProof(std::uint32_t generation, const Proof& proof, SteadyTime until) {
  const std::size_t position = PositionOf(record_, generation);
  if (position < std::min(record_.generations.size(), proofs_.size())) proofs_[position].Hold(proof, until);
}

void KeyEntry::DropProofs() {
  for (ProofSlot& slot : proofs_) slot.Drop();
}

void KeyEntry::AdoptProofs(const KeyEntry& other) {
  for (std::size_t i = 0; i < proofs_.size(); ++i) proofs_[i].CopyFrom(other.proofs_[i]);
}

bool KeyEntry::BeginRenewal(std::uint32_t generation, SteadyTime now, SteadyTime::duration margin) {
  const std::size_t position = PositionOf(record_, generation);
  if (position >= std::min(record_.generations.size(), proofs_.size())) return false;
  return proofs_[position].EndsBefore(now + margin) && !renewing_.exchange(true, std::memory_order_acq_rel);
}

Decision Decide(const KeyEntry& entry, std::uint32_t generation, const VerifyQuery& query, UnixSeconds now) {
  const KeyRecord& record = entry.record();
  const std::size_t position = PositionOf(record, generation);
  if (position == record.generations.size()) return {VerdictCode::kUnknown, {}};
  if (record.state == RecordState::kRevoked) return {VerdictCode::kRevoked, {}};
  if (record.state == RecordState::kPaused) return {VerdictCode::kPaused, {}};
  if (now < record.not_before) return {VerdictCode::kPending, {}};
  const std::optional<UnixSeconds>& ends = record.generations[position].ends;
  if (now >= record.expires || (ends && now >= *ends)) return {VerdictCode::kExpired, {}};

  Decision decision{VerdictCode::kValid, {}};
  if (record.unscoped) return decision;
  for (std::size_t i = 0; i < query.scope_count; ++i) {
    decision.missing[i] = !entry.scopes().Has(query.scopes[i]);
    if (decision.missing[i]) decision.code = VerdictCode::kInsufficientScope;
  }
  return decision;
}

}  // namespace claviger::keys
