#include "daemon/api/verify_handler.h"

#include <arpa/inet.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/api/verify_reply.h"
#include "daemon/keys/key_string.h"
#include "daemon/keys/scope.h"
#include "protocol/limits.h"

namespace claviger::api {
namespace {

using keys::VerdictCode;
using protocol::Disposition;

enum : std::size_t { kKey, kScopes, kRemoteAddress };
constexpr std::array kParameters = {
    protocol::Parameter{"key", protocol::ParameterType::kString, true},
    protocol::Parameter{"scopes", protocol::ParameterType::kStringList, false},
    protocol::Parameter{"remote_address", protocol::ParameterType::kString, false},
};
// A deferred verification is tried anew when its key changes meanwhile; a key that changes this often within
// the deadline is answered with `unavailable`.
constexpr int kMaxAttempts = 4;
constexpr int kRenewalPart = 4;  // proofs are renewed when a quarter of their life is left

// The asked scopes: by position for the decision, by name for the reply. Names point into the frame.
struct AskedScopes {
  keys::VerifyQuery query;
  std::array<std::string_view, keys::kMaxScopesPerQuery> names;
};

bool ReadScopes(const protocol::Parameters<kParameters.size()>& parameters, const keys::Catalogue& catalogue,
                AskedScopes& asked) {
  if (!parameters.Has(kScopes)) return true;
  for (const simdjson::dom::element element : parameters.List(kScopes)) {
    const std::string_view name = element.get_string().value_unsafe();
    if (asked.query.scope_count == keys::kMaxScopesPerQuery || !keys::ParseScope(name)) return false;
    asked.names[asked.query.scope_count] = name;
    asked.query.scopes[asked.query.scope_count++] =
        catalogue.Find(name).value_or(keys::VerifyQuery::kNotCatalogued);
  }
  return true;
}

bool IsAddress(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> copy{};
  if (text.size() >= copy.size() || text.find('\0') != std::string_view::npos) return false;
  text.copy(copy.data(), text.size());
  std::array<unsigned char, sizeof(in6_addr)> ignored;
  return ::inet_pton(AF_INET, copy.data(), ignored.data()) == 1 ||
         ::inet_pton(AF_INET6, copy.data(), ignored.data()) == 1;
}

// Who asks, and where it is counted.
struct Asker {
  Authority& authority;
  VerdictCounters& verdicts;
  UsageLedger& usage;
  const CallerPtr& caller;
};

// What the current secret's use means for the one before it, and for scopes of an unscoped key.
void FollowUse(const Asker& asker, const keys::KeyEntryPtr& entry, std::uint32_t generation,
               const AskedScopes& asked, UnixSeconds now) {
  const keys::KeyRecord& record = entry->record();
  const keys::Generation& oldest = record.generations.front();
  if (oldest.until_used && oldest.number != generation && oldest.ends && now < *oldest.ends &&
      entry->EndGrace()) {
    asker.authority.generation_watch().EndGrace(entry);
  }
  if (!record.unscoped) return;
  for (std::size_t i = 0; i < asked.query.scope_count; ++i) {
    if (entry->ClaimAsked(asked.query.scopes[i], now)) asker.usage.NoteAsked(record.id, asked.names[i], now);
  }
}

// Before the reply leaves.
void NoteVerdict(const Asker& asker, const keys::KeyEntryPtr& entry, std::uint32_t generation,
                 const AskedScopes& asked, VerdictCode code, UnixSeconds now) {
  const keys::KeyRecord& record = entry->record();
  asker.verdicts.Count(code);
  asker.usage.Note(record.id, generation, code, asker.caller, now);
  if (code == VerdictCode::kValid) {
    FollowUse(asker, entry, generation, asked, now);
  } else if (code == VerdictCode::kExpired && generation != record.current().number &&
             entry->ClaimEndedSecret(now)) {
    asker.authority.generation_watch().EndedSecret(record.id, generation, asker.caller);
  }
}

// Decides for a proved key and writes the reply. False, with nothing written, if the entry was superseded
// meanwhile.
bool Conclude(WipingBuffer& out, const keys::KeyEntryPtr& entry, std::uint32_t generation,
              const AskedScopes& asked, UnixSeconds now, VerdictCode& code) {
  const keys::Decision decision = keys::Decide(*entry, generation, asked.query, now);
  std::array<std::string_view, keys::kMaxScopesPerQuery> missing;
  std::size_t missing_count = 0;
  if (decision.code == VerdictCode::kInsufficientScope) {
    for (std::size_t i = 0; i < asked.query.scope_count; ++i) {
      if (decision.missing[i]) missing[missing_count++] = asked.names[i];
    }
  }
  if (entry->superseded()) return false;
  code = decision.code;
  AppendVerdict(out, code, std::span(missing).first(missing_count), *entry, generation);
  return true;
}

// A verification that has to wait for store and token. Owns copies of everything that the frame held.
class Verification : public std::enable_shared_from_this<Verification> {
 public:
  Verification(CallContext& context, keys::PresentedKey key, const AskedScopes& asked, Answer answer)
      : caller_(context.session.caller),
        asker_{context.authority, *context.loop.verdicts, *context.loop.usage, caller_},
        failures_(context.session.failures),
        key_(std::move(key)),
        names_(asked.names.begin(),
               asked.names.begin() + static_cast<std::ptrdiff_t>(asked.query.scope_count)),
        answer_(std::move(answer)) {}

  void Attempt() {
    asker_.authority.prover().Prove(
        key_, asker_.caller,
        [self = shared_from_this()](const ProofOutcome& outcome) { self->Finish(outcome); });
  }

 private:
  void Finish(const ProofOutcome& outcome) {
    if (outcome.code != VerdictCode::kValid) {
      if (outcome.code == VerdictCode::kUnknown)
        failures_->Spend(SteadyNow(), asker_.authority.settings().Get()->failures);
      SendBare(outcome.code);
      return;
    }
    WipingBuffer out;
    VerdictCode code = VerdictCode::kUnavailable;
    // The query in positions of the catalogue that the entry was made with.
    const AskedScopes asked = AskedOf(*outcome.entry->catalogue());
    const UnixSeconds now = asker_.authority.clock().Now();
    if (!Conclude(out, outcome.entry, outcome.generation, asked, now, code)) {
      if (++attempts_ < kMaxAttempts) {
        Attempt();
      } else {
        SendBare(VerdictCode::kUnavailable);
      }
      return;
    }
    NoteVerdict(asker_, outcome.entry, outcome.generation, asked, code, now);
    std::move(answer_).Send(std::move(out));
  }

  AskedScopes AskedOf(const keys::Catalogue& catalogue) const {
    AskedScopes asked;
    for (const std::string& name : names_) {
      asked.names[asked.query.scope_count] = name;
      asked.query.scopes[asked.query.scope_count++] =
          catalogue.Find(name).value_or(keys::VerifyQuery::kNotCatalogued);
    }
    return asked;
  }

  void SendBare(VerdictCode code) {
    asker_.verdicts.Count(code);
    WipingBuffer out;
    AppendBareVerdict(out, code);
    std::move(answer_).Send(std::move(out));
  }

  const CallerPtr caller_;
  const Asker asker_;
  std::shared_ptr<FailureBudget> failures_;
  keys::PresentedKey key_;
  std::vector<std::string> names_;
  Answer answer_;
  int attempts_ = 0;
};

Disposition Bare(CallContext& context, VerdictCode code) {
  context.loop.verdicts->Count(code);
  AppendBareVerdict(context.out, code);
  return Disposition::kReplied;
}

// In the last part of a proof's life, a use of it has the token asked again, behind the answer. Otherwise a
// stranger who has used up this peer's failures could keep a good key from being proved anew when its proof
// ends.
void RenewProof(CallContext& context, const keys::PresentedKey& key, const keys::KeyEntryPtr& entry,
                std::uint32_t generation) {
  const SteadyTime::duration margin = context.loop.live->proof_lifetime / kRenewalPart;
  if (!entry->BeginRenewal(generation, context.loop.steady_now, margin)) return;
  context.authority.prover().Prove(key, context.session.caller,
                                   [entry](const ProofOutcome&) { entry->EndRenewal(); });
}

// What the cache knows of a presented secret.
enum class CacheAnswer {
  kNone,     // no proof of it
  kProved,   // a proof, but the entry was made with another catalogue or is superseded: ask for a new one
  kAnswered  // the reply is written
};

CacheAnswer AnswerFromCache(CallContext& context, const keys::PresentedKey& key, const AskedScopes& asked) {
  Authority& authority = context.authority;
  if (!authority.ProofsUsable(context.loop.steady_now)) return CacheAnswer::kNone;
  const keys::KeyEntryPtr entry = authority.cache().Find(key.id);
  if (!entry) return CacheAnswer::kNone;
  const auto generation = entry->ProvedGeneration(authority.proof_key(), key.secret, context.loop.steady_now);
  if (!generation) return CacheAnswer::kNone;
  if (entry->catalogue() != context.loop.live->catalogue.get()) return CacheAnswer::kProved;
  VerdictCode code = VerdictCode::kUnavailable;
  if (!Conclude(context.out, entry, *generation, asked, context.loop.now, code)) return CacheAnswer::kProved;
  NoteVerdict(Asker{authority, *context.loop.verdicts, *context.loop.usage, context.session.caller}, entry,
              *generation, asked, code, context.loop.now);
  RenewProof(context, key, entry, *generation);
  return CacheAnswer::kAnswered;
}

}  // namespace

Disposition HandleVerify(CallContext& context) {
  protocol::Parameters<kParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  AskedScopes asked;
  if (!ReadScopes(parameters, *context.loop.live->catalogue, asked))
    return context.InvalidParameter("scopes");
  if (parameters.Has(kRemoteAddress) && !IsAddress(parameters.Text(kRemoteAddress))) {
    return context.InvalidParameter("remote_address");
  }

  auto key = keys::ParseKeyString(parameters.Text(kKey));
  if (!key) return Bare(context, VerdictCode::kMalformed);
  const CacheAnswer cached = AnswerFromCache(context, *key, asked);
  if (cached == CacheAnswer::kAnswered) return Disposition::kReplied;
  // Known good keys are never held up; everyone else pays before store and token are asked.
  if (cached == CacheAnswer::kNone &&
      context.session.failures->Exhausted(context.loop.steady_now, context.loop.live->failures)) {
    context.session.failures->CountRefusal();
    return Bare(context, VerdictCode::kRateLimited);
  }
  WipingBuffer fallback;
  AppendBareVerdict(fallback, VerdictCode::kUnavailable);
  Answer answer = context.Defer(protocol::kVerifyDeadline, std::move(fallback));
  std::make_shared<Verification>(context, std::move(*key), asked, std::move(answer))->Attempt();
  return Disposition::kPending;
}

}  // namespace claviger::api
