// A key as the hot path sees it: what a verdict needs of its record, and the few atomics that change under
// it.
#pragma once

#include <array>
#include <atomic>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "daemon/keys/key_profile.h"
#include "daemon/keys/key_string.h"
#include "daemon/keys/proof.h"
#include "daemon/keys/record.h"
#include "daemon/keys/verdict.h"

namespace claviger::keys {

// What a caller asks of a presented key, besides its validity.
struct VerifyQuery {
  // Positions in the catalogue; kNotCatalogued for a well-formed scope that no catalogue file names.
  static constexpr std::size_t kNotCatalogued = static_cast<std::size_t>(-1);
  std::array<std::size_t, kMaxScopesPerQuery> scopes;
  std::size_t scope_count = 0;
};

// What an entry says of its key: what one is made from, besides its profile.
struct KeyEntryParts {
  // The generation before the current one, after a rotation.
  struct Previous {
    std::uint32_t number = 0;
    bool until_used = false;
    bool grace_over = false;
    UnixSeconds ends = kLatestTime;  // the key's end if that is earlier
  };

  explicit KeyEntryParts(const KeyRecord& record);
  KeyEntryParts() = default;

  KeyId id;
  RecordState state = RecordState::kActive;
  std::uint32_t generation = 0;  // the current one
  std::uint64_t record_tag = 0;  // of the record's MAC
  UnixSeconds not_before = 0;
  UnixSeconds expires = 0;
  std::optional<Previous> previous;
  std::string_view name;
};

class KeyEntry;
void intrusive_ptr_add_ref(const KeyEntry* entry) noexcept;
void intrusive_ptr_release(const KeyEntry* entry) noexcept;
using KeyEntryPtr = boost::intrusive_ptr<KeyEntry>;

// One cached key, in one block of memory of about 100 bytes and its name. What it says never changes: a new
// version of the record is a new entry; the old one is told that it is superseded, so that a verification
// which still holds it refuses. Thread-safe.
class KeyEntry {
 public:
  // `record` has one or two generations, the newest last; `profile` was made of it.
  static KeyEntryPtr Make(const KeyRecord& record, KeyProfilePtr profile);
  static KeyEntryPtr Make(const KeyEntryParts& parts, KeyProfilePtr profile);
  KeyEntry(const KeyEntry&) = delete;

  const KeyId& id() const { return id_; }
  std::string_view name() const;
  const KeyProfile& profile() const { return *profile_; }
  // As it is now; the name lives as long as the entry.
  KeyEntryParts parts() const;
  // Whether it was made from this very version of the record, by its MAC.
  bool IsOf(const KeyRecord& record) const;
  std::uint32_t current_generation() const { return generation_; }
  // When `generation`, one of the record's, ends, or the key if that is earlier.
  UnixSeconds EndOf(std::uint32_t generation) const;

  // The generation of which `proof` is held, or nullopt: ask the token.
  std::optional<std::uint32_t> ProvedGeneration(const Proof& proof, SteadyTime now) const;
  void HoldProof(std::uint32_t generation, const Proof& proof, SteadyTime until);
  // The proof of `generation`; nullopt if none is held at `now`.
  std::optional<HeldProof> ProofOf(std::uint32_t generation, SteadyTime now) const;
  void DropProofs();
  // Takes over the proofs of another entry with the same record, and that its grace is over.
  void Adopt(const KeyEntry& other);
  // True for one caller at a time when the proof of `generation` ends within `margin`: that caller has the
  // token confirm the secret anew and then calls EndRenewal, so that a key in use is never without a proof.
  bool BeginRenewal(std::uint32_t generation, SteadyTime now, SteadyTime::duration margin);
  void EndRenewal() { renewing_.store(false, std::memory_order_release); }

  void Supersede() { superseded_.store(true, std::memory_order_release); }
  bool superseded() const { return superseded_.load(std::memory_order_acquire); }

  // An old generation that stays valid until the one after it is used, and would be at `now`: `used`, the one
  // that was presented, is what it waits for. True for the first who says so: that caller makes its end
  // durable. The old generation is refused from now on.
  bool EndGrace(std::uint32_t used, UnixSeconds now);

  // True if nobody has asked within the last minute: who gets it puts on record that the secret of a
  // generation that has ended was presented.
  bool ClaimEndedSecret(UnixSeconds now);

  // For an unscoped key: true if `position` was not asked before, or not within an hour.
  bool ClaimAsked(std::size_t position, UnixSeconds now);

 private:
  friend VerdictCode Decide(const KeyEntry& entry, std::uint32_t generation, const VerifyQuery& query,
                            UnixSeconds now);
  friend class KeyCache;
  friend void intrusive_ptr_add_ref(const KeyEntry* entry) noexcept;
  friend void intrusive_ptr_release(const KeyEntry* entry) noexcept;

  // The generation before the current one, after a rotation.
  struct Previous {
    explicit Previous(const KeyEntryParts::Previous& parts)
        : number(parts.number),
          until_used(parts.until_used),
          ends(parts.ends),
          grace_over(parts.grace_over) {}
    const std::uint32_t number;
    const bool until_used;
    const UnixSeconds ends;
    ProofSlot proof;
    std::atomic<bool> grace_over;
    std::atomic<UnixSeconds> ended_secret_at{0};
  };
  // What was asked of an unscoped key: bits by position in the catalogue.
  struct Asked {
    explicit Asked(std::size_t scopes) : words((scopes + 63) / 64) {}
    std::vector<std::atomic<std::uint64_t>> words;
    std::atomic<UnixSeconds> since{0};
  };

  KeyEntry(const KeyEntryParts& parts, KeyProfilePtr profile);
  ~KeyEntry() = default;
  ProofSlot* SlotOf(std::uint32_t generation);

  mutable std::atomic<std::uint32_t> references_{0};
  std::atomic<bool> superseded_{false};
  std::atomic<bool> renewing_{false};
  std::atomic<bool> asked_for_{false};  // the cache's: since it last looked for who makes room
  const RecordState state_;
  const KeyId id_;
  const std::uint32_t generation_;
  const std::uint16_t name_bytes_;  // of the name, which stands behind this object
  const std::uint64_t record_tag_;  // of its MAC
  const UnixSeconds not_before_;
  const UnixSeconds expires_;
  ProofSlot proof_;
  const KeyProfilePtr profile_;
  const std::unique_ptr<Previous> previous_;  // null: there is none
  const std::unique_ptr<Asked> asked_;        // null: not unscoped
};

// The fixed order of checks for a caller who has presented the right secret of `generation`; kUnknown if the
// record no longer has that generation. A generation whose grace is over is expired. Reads no clock,
// allocates nothing. The caller must look at superseded() afterwards. With kInsufficientScope, the scopes
// that are missing are those that profile().scopes() has not.
VerdictCode Decide(const KeyEntry& entry, std::uint32_t generation, const VerifyQuery& query,
                   UnixSeconds now);

}  // namespace claviger::keys
