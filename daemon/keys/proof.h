// What stands for a secret that the token has confirmed.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/secret.h"

namespace claviger::keys {

// A keyed PRF of a key string under a random key of this process (SipHash-2-4 with 128 bits). Useless without
// that key, which leaves the process only sealed, for the one that takes over its cache. It covers the whole
// string, so a string whose proof is held needs no other check of its form: it is the one that the token has
// confirmed.
struct Proof {
  std::uint64_t low = 0, high = 0;
  friend bool operator==(const Proof&, const Proof&) = default;
};

// Makes proofs. One per process; thread-safe; no allocation.
class ProofKey {
 public:
  ProofKey();  // random
  // `key_string` as it is taken apart: without "secret-token:".
  Proof Prove(std::string_view key_string) const;

  static constexpr std::size_t kBytes = 16;
  // To be sealed for the process after this one.
  std::span<const std::uint8_t, kBytes> Expose() const { return key_.Expose(); }
  // Goes on with the key of the process before this one. Only while nobody else makes proofs.
  void TakeOver(std::span<const std::uint8_t, kBytes> key);

 private:
  SecretArray<kBytes> key_;
};

// A proof and how long it holds.
struct HeldProof {
  Proof proof;
  SteadyTime until;
};

// Where the hot path keeps a generation's proof. Thread-safe: what a reader that meets a writer sees is none,
// or one of two right proofs, or a mixture of both, which confirms nothing.
class ProofSlot {
 public:
  // Compared in constant time; false when there is no proof or it is older than its lifetime.
  bool Confirms(const Proof& proof, SteadyTime now) const {
    // What until_ was set with was written before it.
    const SteadyTime::rep until = until_.load(std::memory_order_acquire);
    const std::uint64_t difference = (low_.load(std::memory_order_relaxed) ^ proof.low) |
                                     (high_.load(std::memory_order_relaxed) ^ proof.high);
    return difference == 0 && until != 0 && now.time_since_epoch().count() < until;
  }
  void Hold(const Proof& proof, SteadyTime until);
  void Drop() { until_.store(0, std::memory_order_release); }
  void CopyFrom(const ProofSlot& other);
  // nullopt = none that holds at `now`.
  std::optional<HeldProof> Held(SteadyTime now) const;
  bool EndsBefore(SteadyTime time) const {
    return until_.load(std::memory_order_relaxed) < time.time_since_epoch().count();
  }

 private:
  std::atomic<std::uint64_t> low_{0}, high_{0};
  std::atomic<SteadyTime::rep> until_{0};  // 0 = none
};

}  // namespace claviger::keys
