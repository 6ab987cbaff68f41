#include "daemon/keys/proof.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/siphash.h"

namespace claviger::keys {

ProofKey::ProofKey() { FillRandom(key_.ExposeForWriting()); }

Proof ProofKey::Prove(std::string_view key_string) const {
  const Hash128 hash = SipHash128(
      key_.Expose(), std::span(reinterpret_cast<const std::uint8_t*>(key_string.data()), key_string.size()));
  return {hash.low, hash.high};
}

void ProofKey::TakeOver(std::span<const std::uint8_t, kBytes> key) {
  std::copy(key.begin(), key.end(), key_.ExposeForWriting().begin());
}

void ProofSlot::Hold(const Proof& proof, SteadyTime until) {
  low_.store(proof.low, std::memory_order_relaxed);
  high_.store(proof.high, std::memory_order_relaxed);
  until_.store(until.time_since_epoch().count(), std::memory_order_release);
}

std::optional<HeldProof> ProofSlot::Held(SteadyTime now) const {
  const SteadyTime until{SteadyTime::duration(until_.load(std::memory_order_acquire))};
  if (until <= now) return std::nullopt;
  return HeldProof{{low_.load(std::memory_order_relaxed), high_.load(std::memory_order_relaxed)}, until};
}

void ProofSlot::CopyFrom(const ProofSlot& other) {
  const SteadyTime::rep until = other.until_.load(std::memory_order_acquire);
  if (until == 0) return;
  low_.store(other.low_.load(std::memory_order_relaxed), std::memory_order_relaxed);
  high_.store(other.high_.load(std::memory_order_relaxed), std::memory_order_relaxed);
  until_.store(until, std::memory_order_release);
}

}  // namespace claviger::keys
