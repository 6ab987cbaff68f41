// Verdicts that need neither store nor token: those of keys whose secret the token has confirmed lately.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "daemon/api/call_context.h"
#include "daemon/keys/key_entry.h"
#include "daemon/keys/key_string.h"

namespace claviger::api {

// What a caller asks. Views point into the frame.
struct Verification {
  keys::KeyStringView key;
  const keys::VerifyQuery* query = nullptr;  // positions in the catalogue of LoopState::live
  std::span<const std::string_view> scopes;  // the names of the same
  keys::Proof proof;                         // of `key`
};

// Who asks, where it is counted, and when. `usage` of one verdict may be put off by whoever collects them.
struct Asker {
  Authority& authority;
  UsageLedger& usage;
  const CallerPtr& caller;
  UnixSeconds now;
};

struct Verdict {
  keys::VerdictCode code = keys::VerdictCode::kUnavailable;
  std::uint32_t generation = 0;
};

// Decides for a proved key and writes the reply. nullopt, with nothing written, if the entry was superseded
// meanwhile.
std::optional<keys::VerdictCode> Conclude(WipingBuffer& out, const keys::KeyEntry& entry,
                                          std::uint32_t generation, const Verification& asked,
                                          UnixSeconds now);
// What a verdict sets in motion besides its count: graces that are over, alarms, scopes asked of unscoped
// keys. After Conclude, before the reply leaves.
void FollowVerdict(const Asker& asker, keys::KeyEntry& entry, const Verdict& verdict,
                   const Verification& asked);

// What the cache knows of a presented secret.
enum class CacheAnswer {
  kNone,     // no proof of it
  kProved,   // a proof, but the entry was made with another catalogue or is superseded: ask for a new one
  kAnswered  // the reply is written, all that follows is done but the counting
};
// `entry` may be null; the caller is in a section of the cache's epochs, or holds it. The caller has asked
// Authority::ProofsUsable.
CacheAnswer AnswerFromEntry(Authority& authority, const LoopState& loop, const CallerPtr& caller,
                            keys::KeyEntry* entry, const Verification& asked, WipingBuffer& out,
                            Verdict& verdict);

}  // namespace claviger::api
