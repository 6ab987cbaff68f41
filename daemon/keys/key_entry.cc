#include "daemon/keys/key_entry.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "daemon/keys/entry_memory.h"

namespace claviger::keys {
namespace {

std::uint64_t TagOf(const KeyRecord& record) {
  std::uint64_t tag = 0;
  static_assert(sizeof(record.mac) >= sizeof(tag));
  std::memcpy(&tag, record.mac.data(), sizeof(tag));
  return tag ^ record.version;
}

std::uint16_t NameBytes(const KeyEntryParts& parts) {
  return static_cast<std::uint16_t>(
      std::min<std::size_t>(parts.name.size(), std::numeric_limits<std::uint16_t>::max()));
}

}  // namespace

void intrusive_ptr_add_ref(const KeyEntry* entry) noexcept {
  entry->references_.fetch_add(1, std::memory_order_relaxed);
}

void intrusive_ptr_release(const KeyEntry* entry) noexcept {
  if (entry->references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  const std::size_t bytes = sizeof(KeyEntry) + entry->name_bytes_;
  entry->~KeyEntry();
  EntryMemory().deallocate(const_cast<KeyEntry*>(entry), bytes, alignof(KeyEntry));
}

KeyEntryParts::KeyEntryParts(const KeyRecord& record)
    : id(record.id),
      state(record.state),
      generation(record.current().number),
      record_tag(TagOf(record)),
      not_before(record.not_before),
      expires(std::min(record.expires, record.current().ends.value_or(record.expires))),
      name(record.name) {
  if (record.generations.size() < 2) return;
  const Generation& before = record.generations.front();
  previous = Previous{before.number, before.until_used, false,
                      std::min(record.expires, before.ends.value_or(record.expires))};
}

KeyEntryPtr KeyEntry::Make(const KeyRecord& record, KeyProfilePtr profile) {
  return Make(KeyEntryParts(record), std::move(profile));
}

KeyEntryPtr KeyEntry::Make(const KeyEntryParts& parts, KeyProfilePtr profile) {
  void* const memory = EntryMemory().allocate(sizeof(KeyEntry) + NameBytes(parts), alignof(KeyEntry));
  auto* const entry = new (memory) KeyEntry(parts, std::move(profile));
  parts.name.copy(reinterpret_cast<char*>(entry + 1), entry->name_bytes_);
  return KeyEntryPtr(entry);
}

KeyEntry::KeyEntry(const KeyEntryParts& parts, KeyProfilePtr profile)
    : state_(parts.state),
      id_(parts.id),
      generation_(parts.generation),
      name_bytes_(NameBytes(parts)),
      record_tag_(parts.record_tag),
      not_before_(parts.not_before),
      expires_(parts.expires),
      profile_(std::move(profile)),
      previous_(parts.previous ? std::make_unique<Previous>(*parts.previous) : nullptr),
      asked_(profile_->unscoped() ? std::make_unique<Asked>(profile_->catalogue()->scopes().size())
                                  : nullptr) {}

KeyEntryParts KeyEntry::parts() const {
  KeyEntryParts parts;
  parts.id = id_;
  parts.state = state_;
  parts.generation = generation_;
  parts.record_tag = record_tag_;
  parts.not_before = not_before_;
  parts.expires = expires_;
  parts.name = name();
  if (previous_) {
    parts.previous =
        KeyEntryParts::Previous{previous_->number, previous_->until_used,
                                previous_->grace_over.load(std::memory_order_acquire), previous_->ends};
  }
  return parts;
}

std::string_view KeyEntry::name() const { return {reinterpret_cast<const char*>(this + 1), name_bytes_}; }

bool KeyEntry::IsOf(const KeyRecord& record) const {
  return record.id == id_ && TagOf(record) == record_tag_;
}

UnixSeconds KeyEntry::EndOf(std::uint32_t generation) const {
  return generation != generation_ && previous_ ? previous_->ends : expires_;
}

ProofSlot* KeyEntry::SlotOf(std::uint32_t generation) {
  if (generation == generation_) return &proof_;
  return previous_ && previous_->number == generation ? &previous_->proof : nullptr;
}

std::optional<std::uint32_t> KeyEntry::ProvedGeneration(const Proof& proof, SteadyTime now) const {
  if (proof_.Confirms(proof, now)) return generation_;
  if (previous_ && previous_->proof.Confirms(proof, now)) return previous_->number;
  return std::nullopt;
}

void KeyEntry::HoldProof(std::uint32_t generation, const Proof& proof, SteadyTime until) {
  if (ProofSlot* const slot = SlotOf(generation)) slot->Hold(proof, until);
}

std::optional<HeldProof> KeyEntry::ProofOf(std::uint32_t generation, SteadyTime now) const {
  if (generation == generation_) return proof_.Held(now);
  if (previous_ && previous_->number == generation) return previous_->proof.Held(now);
  return std::nullopt;
}

void KeyEntry::DropProofs() {
  proof_.Drop();
  if (previous_) previous_->proof.Drop();
}

void KeyEntry::Adopt(const KeyEntry& other) {
  proof_.CopyFrom(other.proof_);
  if (!previous_ || !other.previous_) return;
  previous_->proof.CopyFrom(other.previous_->proof);
  if (other.previous_->grace_over.load(std::memory_order_acquire))
    previous_->grace_over.store(true, std::memory_order_release);
}

bool KeyEntry::EndGrace(std::uint32_t used, UnixSeconds now) {
  if (!previous_ || !previous_->until_used || used == previous_->number || now >= previous_->ends)
    return false;
  return !previous_->grace_over.exchange(true, std::memory_order_acq_rel);
}

bool KeyEntry::ClaimEndedSecret(UnixSeconds now) {
  constexpr UnixSeconds kQuiet = 60;
  if (!previous_) return false;
  UnixSeconds last = previous_->ended_secret_at.load(std::memory_order_relaxed);
  return now - last >= kQuiet && previous_->ended_secret_at.compare_exchange_strong(last, now);
}

bool KeyEntry::ClaimAsked(std::size_t position, UnixSeconds now) {
  constexpr UnixSeconds kKnownFor = 3600;
  if (!asked_ || position / 64 >= asked_->words.size()) return false;
  UnixSeconds since = asked_->since.load(std::memory_order_relaxed);
  if (now - since >= kKnownFor && asked_->since.compare_exchange_strong(since, now)) {
    for (auto& word : asked_->words) word.store(0, std::memory_order_relaxed);
  }
  const std::uint64_t bit = std::uint64_t{1} << (position % 64);
  std::atomic<std::uint64_t>& word = asked_->words[position / 64];
  if ((word.load(std::memory_order_relaxed) & bit) != 0) return false;
  return (word.fetch_or(bit) & bit) == 0;
}

bool KeyEntry::BeginRenewal(std::uint32_t generation, SteadyTime now, SteadyTime::duration margin) {
  const ProofSlot* const slot = SlotOf(generation);
  return slot != nullptr && slot->EndsBefore(now + margin) &&
         !renewing_.exchange(true, std::memory_order_acq_rel);
}

VerdictCode Decide(const KeyEntry& entry, std::uint32_t generation, const VerifyQuery& query,
                   UnixSeconds now) {
  const KeyEntry::Previous* const previous =
      generation == entry.generation_ ? nullptr : entry.previous_.get();
  if (generation != entry.generation_ && (previous == nullptr || previous->number != generation))
    return VerdictCode::kUnknown;
  if (entry.state_ == RecordState::kRevoked) return VerdictCode::kRevoked;
  if (entry.state_ == RecordState::kPaused) return VerdictCode::kPaused;
  if (now < entry.not_before_) return VerdictCode::kPending;
  if (now >= (previous != nullptr ? previous->ends : entry.expires_)) return VerdictCode::kExpired;
  if (previous != nullptr && previous->until_used && previous->grace_over.load(std::memory_order_acquire))
    return VerdictCode::kExpired;

  const KeyProfile& profile = entry.profile();
  if (profile.unscoped()) return VerdictCode::kValid;
  for (std::size_t i = 0; i < query.scope_count; ++i) {
    if (!profile.scopes().Has(query.scopes[i])) return VerdictCode::kInsufficientScope;
  }
  return VerdictCode::kValid;
}

}  // namespace claviger::keys
