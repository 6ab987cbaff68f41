#include "daemon/api/verify_handler.h"

#include <arpa/inet.h>

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "daemon/api/cached_verdict.h"
#include "daemon/api/scope_memo.h"
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

using ScopeNames = std::array<std::string_view, keys::kMaxScopesPerQuery>;

// The names that are asked for; they point into the frame. nullopt: too many.
std::optional<std::span<const std::string_view>> NamesOf(
    const protocol::Parameters<kParameters.size()>& parameters, ScopeNames& names) {
  std::size_t count = 0;
  if (parameters.Has(kScopes)) {
    for (const simdjson::dom::element element : parameters.List(kScopes)) {
      if (count == names.size()) return std::nullopt;
      names[count++] = element.get_string().value_unsafe();
    }
  }
  return std::span(names).first(count);
}

// A verification that has to wait for store and token. Owns copies of everything that the frame held.
class DeferredVerification : public std::enable_shared_from_this<DeferredVerification> {
 public:
  DeferredVerification(CallContext& context, keys::PresentedKey key, const Verification& asked, Answer answer)
      : caller_(context.session.caller),
        asker_{context.authority, *context.loop.usage, caller_, 0},
        failures_(context.session.failures),
        key_(std::move(key)),
        id_text_(asked.key.id_text),
        proof_(asked.proof),
        names_(asked.scopes.begin(), asked.scopes.end()),
        views_(names_.begin(), names_.end()),
        begun_(context.loop.steady_now),
        answer_(std::move(answer)) {
    asker_.authority.deferred_counters().Begin();
  }

  void Attempt() {
    asker_.authority.prover().Prove(
        key_, proof_, asker_.caller,
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
    keys::KeyEntry& entry = *outcome.entry;
    // The query in positions of the catalogue that the entry was made with.
    keys::VerifyQuery query;
    if (!ReadScopes(views_, *entry.profile().catalogue(), query)) return SendBare(VerdictCode::kUnavailable);
    Verification asked;
    asked.key.id_text = id_text_;
    asked.query = &query;
    asked.scopes = views_;
    const UnixSeconds now = asker_.authority.clock().Now();
    WipingBuffer out;
    const auto code = Conclude(out, entry, outcome.generation, asked, now);
    if (!code) {
      if (++attempts_ < kMaxAttempts) {
        Attempt();
      } else {
        SendBare(VerdictCode::kUnavailable);
      }
      return;
    }
    const UsageNote note{entry.id(), outcome.generation, *code};
    asker_.usage.Note(std::span(&note, 1), caller_, now);
    FollowVerdict({asker_.authority, asker_.usage, caller_, now}, entry, {*code, outcome.generation}, asked);
    Send(*code, std::move(out));
  }

  void SendBare(VerdictCode code) {
    WipingBuffer out;
    AppendBareVerdict(out, code);
    Send(code, std::move(out));
  }

  void Send(VerdictCode code, WipingBuffer out) {
    asker_.authority.deferred_counters().Answer(code, SteadyNow() - begun_);
    std::move(answer_).Send(std::move(out));
  }

  const CallerPtr caller_;
  const Asker asker_;
  std::shared_ptr<FailureBudget> failures_;
  keys::PresentedKey key_;
  const std::string id_text_;
  const keys::Proof proof_;
  const std::vector<std::string> names_;
  const std::vector<std::string_view> views_;  // of names_
  const SteadyTime begun_;
  Answer answer_;
  int attempts_ = 0;
};

Disposition Bare(CallContext& context, VerdictCode code) {
  context.loop.counters->CountVerdict(code);
  ++context.loop.answered;
  AppendBareVerdict(context.out, code);
  return Disposition::kReplied;
}

CacheAnswer AnswerFromCache(CallContext& context, const Verification& asked) {
  Authority& authority = context.authority;
  if (!authority.ProofsUsable(context.loop.steady_now)) return CacheAnswer::kNone;
  const ReadEpochs::Section section(context.loop.cache_reader);
  Verdict verdict;
  const CacheAnswer answer =
      AnswerFromEntry(authority, context.loop, context.session.caller, authority.cache().Peek(asked.key.id),
                      asked, context.out, verdict);
  if (answer != CacheAnswer::kAnswered) return answer;
  context.loop.counters->CountVerdict(verdict.code);
  ++context.loop.answered;
  const UsageNote note{asked.key.id, verdict.generation, verdict.code};
  context.loop.usage->Note(std::span(&note, 1), context.session.caller, context.loop.now);
  return answer;
}

// Asks store and token. False: the text is no key string after all.
bool Defer(CallContext& context, const Verification& asked) {
  auto key = keys::ParseKeyString(asked.key.text);
  if (!key) return false;
  WipingBuffer fallback;
  AppendBareVerdict(fallback, VerdictCode::kUnavailable);
  Answer answer = context.Defer(protocol::kVerifyDeadline, std::move(fallback));
  std::make_shared<DeferredVerification>(context, std::move(*key), asked, std::move(answer))->Attempt();
  return true;
}

}  // namespace

bool IsAddress(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> copy{};
  if (text.size() >= copy.size() || text.find('\0') != std::string_view::npos) return false;
  text.copy(copy.data(), text.size());
  std::array<unsigned char, sizeof(in6_addr)> ignored;
  return ::inet_pton(AF_INET, copy.data(), ignored.data()) == 1 ||
         ::inet_pton(AF_INET6, copy.data(), ignored.data()) == 1;
}

Disposition HandleVerify(CallContext& context) {
  protocol::Parameters<kParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  ScopeNames names;
  keys::VerifyQuery query;
  const auto scopes = NamesOf(parameters, names);
  if (!scopes || !ReadScopes(*scopes, *context.loop.live->catalogue, query))
    return context.InvalidParameter("scopes");
  if (parameters.Has(kRemoteAddress) && !IsAddress(parameters.Text(kRemoteAddress))) {
    return context.InvalidParameter("remote_address");
  }

  const auto key = keys::ReadKeyString(parameters.Text(kKey));
  if (!key) return Bare(context, VerdictCode::kMalformed);
  const Verification asked{*key, &query, *scopes, context.authority.proof_key().Prove(key->text)};
  const CacheAnswer cached = AnswerFromCache(context, asked);
  if (cached == CacheAnswer::kAnswered) return Disposition::kReplied;
  // Known good keys are never held up; everyone else pays before store and token are asked.
  if (cached == CacheAnswer::kNone &&
      context.session.failures->Exhausted(context.loop.steady_now, context.loop.live->failures)) {
    context.session.failures->CountRefusal();
    return Bare(context, VerdictCode::kRateLimited);
  }
  if (!Defer(context, asked)) return Bare(context, VerdictCode::kMalformed);
  context.loop.counters->CountMiss();
  return Disposition::kPending;
}

}  // namespace claviger::api
