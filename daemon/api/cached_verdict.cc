#include "daemon/api/cached_verdict.h"

#include <array>
#include <cstddef>

#include "daemon/api/verify_reply.h"

namespace claviger::api {
namespace {

using keys::VerdictCode;

constexpr int kRenewalPart = 4;  // proofs are renewed when a quarter of their life is left

// In the last part of a proof's life, a use of it has the token asked again, behind the answer. Otherwise a
// stranger who has used up this peer's failures could keep a good key from being proved anew when its proof
// ends.
void RenewProof(Authority& authority, const LoopState& loop, const CallerPtr& caller, keys::KeyEntry& entry,
                std::uint32_t generation, const Verification& asked) {
  const SteadyTime::duration margin = loop.live->proof_lifetime / kRenewalPart;
  if (!entry.BeginRenewal(generation, loop.steady_now, margin)) return;
  const keys::KeyEntryPtr held(&entry);
  auto key = keys::ParseKeyString(asked.key.text);
  if (!key) return held->EndRenewal();
  authority.prover().Prove(*key, asked.proof, caller, [held](const ProofOutcome&) { held->EndRenewal(); });
}

}  // namespace

std::optional<VerdictCode> Conclude(WipingBuffer& out, const keys::KeyEntry& entry, std::uint32_t generation,
                                    const Verification& asked, UnixSeconds now) {
  const VerdictCode code = keys::Decide(entry, generation, *asked.query, now);
  std::array<std::string_view, keys::kMaxScopesPerQuery> missing;
  std::size_t missing_count = 0;
  if (code == VerdictCode::kInsufficientScope) {
    for (std::size_t i = 0; i < asked.scopes.size(); ++i) {
      if (!entry.profile().scopes().Has(asked.query->scopes[i])) missing[missing_count++] = asked.scopes[i];
    }
  }
  if (entry.superseded()) return std::nullopt;
  AppendVerdict(out, code, std::span(missing).first(missing_count), entry, asked.key.id_text, generation);
  return code;
}

void FollowVerdict(const Asker& asker, keys::KeyEntry& entry, const Verdict& verdict,
                   const Verification& asked) {
  if (verdict.code == VerdictCode::kExpired && verdict.generation != entry.current_generation() &&
      entry.ClaimEndedSecret(asker.now)) {
    asker.authority.generation_watch().EndedSecret(entry.id(), verdict.generation, asker.caller);
  }
  if (verdict.code != VerdictCode::kValid) return;
  // What the current secret's use means for the one before it.
  if (entry.EndGrace(verdict.generation, asker.now)) asker.authority.generation_watch().EndGrace(entry.id());
  if (!entry.profile().unscoped()) return;
  for (std::size_t i = 0; i < asked.scopes.size(); ++i) {
    if (entry.ClaimAsked(asked.query->scopes[i], asker.now))
      asker.usage.NoteAsked(entry.id(), asked.scopes[i], asker.now);
  }
}

CacheAnswer AnswerFromEntry(Authority& authority, const LoopState& loop, const CallerPtr& caller,
                            keys::KeyEntry* entry, const Verification& asked, WipingBuffer& out,
                            Verdict& verdict) {
  if (entry == nullptr) return CacheAnswer::kNone;
  const auto generation = entry->ProvedGeneration(asked.proof, loop.steady_now);
  if (!generation) return CacheAnswer::kNone;
  if (entry->profile().catalogue() != loop.live->catalogue.get()) return CacheAnswer::kProved;
  const auto code = Conclude(out, *entry, *generation, asked, loop.now);
  if (!code) return CacheAnswer::kProved;
  verdict = {*code, *generation};
  FollowVerdict({authority, *loop.usage, caller, loop.now}, *entry, verdict, asked);
  RenewProof(authority, loop, caller, *entry, *generation, asked);
  return CacheAnswer::kAnswered;
}

}  // namespace claviger::api
