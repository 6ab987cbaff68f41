// A key as the hot path sees it: an immutable view of its record, and the few atomics that change under it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "daemon/keys/catalogue.h"
#include "daemon/keys/key_string.h"
#include "daemon/keys/record.h"
#include "daemon/keys/verdict.h"

namespace claviger::keys {

// A keyed PRF of a secret under a random key of this process (SipHash-2-4 with 128 bits, or HMAC-SHA-256 cut
// to 128 bits where libcrypto has no SipHash): what stands for a secret that the token has confirmed. Useless
// outside the process and after it.
struct Proof {
  std::uint64_t low = 0, high = 0;
  friend bool operator==(const Proof&, const Proof&) = default;
};

// Makes proofs. One per process; thread-safe; no allocation when warm.
class ProofKey {
 public:
  ProofKey();  // random
  Proof Prove(const KeyId& id, std::uint32_t generation, const KeySecret& secret) const;

 private:
  SecretArray<16> key_;
};

// Where the hot path keeps a generation's proof. Thread-safe: for one generation there is only one right
// proof, so a reader that meets a writer sees either none or that one.
class ProofSlot {
 public:
  // Compared in constant time; false when there is no proof or it is older than its lifetime.
  bool Confirms(const Proof& proof, SteadyTime now) const;
  void Hold(const Proof& proof, SteadyTime until);
  void Drop();
  void CopyFrom(const ProofSlot& other);
  bool EndsBefore(SteadyTime time) const {
    return until_.load(std::memory_order_relaxed) < time.time_since_epoch().count();
  }

 private:
  std::atomic<std::uint64_t> low_{0}, high_{0};
  std::atomic<SteadyTime::rep> until_{0};  // 0 = none
};

// One cached key. Its record never changes: a new version is a new entry; the old one is told that it is
// superseded, so that a verification which still holds it refuses.
class KeyEntry {
 public:
  // `prepared` is for whoever answers with this entry: one text per generation of the record, in its order,
  // that is not looked at here.
  KeyEntry(KeyRecord record, std::shared_ptr<const Catalogue> catalogue, std::vector<std::string> prepared);

  const KeyRecord& record() const { return record_; }
  // The catalogue whose positions scopes() has. A query made with another one must not be put to this entry.
  const Catalogue* catalogue() const { return catalogue_.get(); }
  const ScopeSet& scopes() const { return scopes_; }
  // `generation` is one of the record's.
  const std::string& prepared(std::uint32_t generation) const;

  // The generation of which `secret` is proved, or nullopt: ask the token.
  std::optional<std::uint32_t> ProvedGeneration(const ProofKey& proof_key, const KeySecret& secret,
                                                SteadyTime now) const;
  void HoldProof(std::uint32_t generation, const Proof& proof, SteadyTime until);
  void DropProofs();
  // Takes over the proofs of another entry with the same record, and that its grace is over.
  void Adopt(const KeyEntry& other);
  // True for one caller at a time when the proof of `generation` ends within `margin`: that caller has the
  // token confirm the secret anew and then calls EndRenewal, so that a key in use is never without a proof.
  bool BeginRenewal(std::uint32_t generation, SteadyTime now, SteadyTime::duration margin);
  void EndRenewal() { renewing_.store(false, std::memory_order_release); }

  void Supersede() { superseded_.store(true, std::memory_order_release); }
  bool superseded() const { return superseded_.load(std::memory_order_acquire); }

  // For a record whose old generation stays valid until the new one is used: that it has been. True for the
  // first who says so: that caller makes it durable. The old generation is refused from now on.
  bool EndGrace();
  bool grace_over() const { return grace_over_.load(std::memory_order_acquire); }

  // True if nobody has asked within the last minute: who gets it puts on record that the secret of a
  // generation that has ended was presented.
  bool ClaimEndedSecret(UnixSeconds now);

  // For an unscoped key: true if `position` was not asked before, or not within an hour.
  bool ClaimAsked(std::size_t position, UnixSeconds now);

 private:
  const KeyRecord record_;
  const std::shared_ptr<const Catalogue> catalogue_;
  const std::vector<std::string> prepared_;
  ScopeSet scopes_;
  std::array<ProofSlot, kMaxLiveGenerations> proofs_;  // as record_.generations
  std::atomic<bool> superseded_{false};
  std::atomic<bool> renewing_{false};
  std::atomic<bool> grace_over_{false};
  std::atomic<UnixSeconds> ended_secret_at_{0};
  std::vector<std::atomic<std::uint64_t>> asked_;  // bits by position; empty unless unscoped
  std::atomic<UnixSeconds> asked_since_{0};
};

using KeyEntryPtr = std::shared_ptr<KeyEntry>;

// What a caller asks of a presented key, besides its validity.
struct VerifyQuery {
  // Positions in the catalogue; kNotCatalogued for a well-formed scope that no catalogue file names.
  static constexpr std::size_t kNotCatalogued = static_cast<std::size_t>(-1);
  std::array<std::size_t, kMaxScopesPerQuery> scopes;
  std::size_t scope_count = 0;
};

struct Decision {
  VerdictCode code = VerdictCode::kUnknown;
  std::array<bool, kMaxScopesPerQuery>
      missing{};  // by position in the query; set only with kInsufficientScope
};

// The fixed order of checks for a caller who has presented the right secret of `generation`; kUnknown if the
// record no longer has that generation. A generation whose grace is over is expired. Reads no clock,
// allocates nothing. The caller must look at superseded() afterwards.
Decision Decide(const KeyEntry& entry, std::uint32_t generation, const VerifyQuery& query, UnixSeconds now);

}  // namespace claviger::keys
