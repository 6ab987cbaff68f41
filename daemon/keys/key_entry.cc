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

bool GenerationEnded(const KeyEntry& entry, const Generation& generation, UnixSeconds now) {
  return generation.ends && (now >= *generation.ends || (generation.until_used && entry.grace_over()));
}

}  // namespace

KeyEntry::KeyEntry(KeyRecord record, std::shared_ptr<const Catalogue> catalogue,
                   std::vector<std::string> prepared)
    : record_(std::move(record)),
      catalogue_(std::move(catalogue)),
      prepared_(std::move(prepared)),
      scopes_(catalogue_->scopes().size()),
      asked_(record_.unscoped ? (catalogue_->scopes().size() + 63) / 64 : 0) {
  for (const std::string& grant : record_.scopes) {
    for (const std::size_t position : catalogue_->Expand(grant)) scopes_.Add(position);
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

void KeyEntry::Adopt(const KeyEntry& other) {
  for (std::size_t i = 0; i < proofs_.size(); ++i) proofs_[i].CopyFrom(other.proofs_[i]);
  if (other.grace_over()) grace_over_.store(true, std::memory_order_release);
}

bool KeyEntry::EndGrace() { return !grace_over_.exchange(true, std::memory_order_acq_rel); }

bool KeyEntry::ClaimEndedSecret(UnixSeconds now) {
  constexpr UnixSeconds kQuiet = 60;
  UnixSeconds last = ended_secret_at_.load(std::memory_order_relaxed);
  return now - last >= kQuiet && ended_secret_at_.compare_exchange_strong(last, now);
}

bool KeyEntry::ClaimAsked(std::size_t position, UnixSeconds now) {
  constexpr UnixSeconds kKnownFor = 3600;
  if (position / 64 >= asked_.size()) return false;
  UnixSeconds since = asked_since_.load(std::memory_order_relaxed);
  if (now - since >= kKnownFor && asked_since_.compare_exchange_strong(since, now)) {
    for (auto& word : asked_) word.store(0, std::memory_order_relaxed);
  }
  const std::uint64_t bit = std::uint64_t{1} << (position % 64);
  std::atomic<std::uint64_t>& word = asked_[position / 64];
  if ((word.load(std::memory_order_relaxed) & bit) != 0) return false;
  return (word.fetch_or(bit) & bit) == 0;
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
  if (now >= record.expires || GenerationEnded(entry, record.generations[position], now)) {
    return {VerdictCode::kExpired, {}};
  }

  Decision decision{VerdictCode::kValid, {}};
  if (record.unscoped) return decision;
  for (std::size_t i = 0; i < query.scope_count; ++i) {
    decision.missing[i] = !entry.scopes().Has(query.scopes[i]);
    if (decision.missing[i]) decision.code = VerdictCode::kInsufficientScope;
  }
  return decision;
}

}  // namespace claviger::keys
