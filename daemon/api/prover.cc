#include "daemon/api/prover.h"

#include <algorithm>
#include <utility>

#include "base/secret.h"
#include "daemon/api/authority.h"

namespace claviger::api {
namespace {

enum : std::size_t { kCurrentVerifier, kRecordMac, kFirstMacs };
constexpr std::size_t kOthers = keys::kMaxLiveGenerations - 1;

// Stands in where there is no record, so that the token has the same work.
const keys::KeyRecord& NoRecord() {
  static const keys::KeyRecord record = [] {
    keys::KeyRecord empty;
    empty.generations.emplace_back();
    return empty;
  }();
  return record;
}

}  // namespace

struct Prover::Question {
  keys::Proof proof;
  keys::PresentedKey key;
  CallerPtr caller;  // who asked first
  LiveSettingsPtr live;
  std::optional<keys::KeyRecord> record;  // absent: no such key; so is `entry`
  keys::KeyEntryPtr entry;
};

void Prover::Prove(const keys::PresentedKey& key, const keys::Proof& proof, const CallerPtr& caller,
                   Callback callback) {
  {
    const MutexLock lock(mutex_);
    auto& callbacks = waiting_[proof];
    callbacks.push_back(std::move(callback));
    if (callbacks.size() > 1) return;
  }
  auto question = std::make_shared<Question>();
  question->proof = proof;
  question->key.id = key.id;
  const auto secret = key.secret.Expose();
  std::copy(secret.begin(), secret.end(), question->key.secret.ExposeForWriting().begin());
  question->caller = caller;
  question->live = authority_.settings().Get();
  Load(question);
}

void Prover::Load(const QuestionPtr& question) {
  const auto load = [this, question](store::Tables& tables) -> Status {
    auto found = tables.keys.Find(question->key.id);
    if (!found) return found.error();
    question->record = std::move(*found);
    if (!question->record) return Ok();
    const keys::KeyRecord& record = *question->record;
    // On the store thread, so that the cache follows the order of commits.
    keys::KeyEntryPtr entry = authority_.cache().Find(question->key.id);
    if (!entry || !entry->IsOf(record) || entry->profile().catalogue() != question->live->catalogue.get()) {
      entry = authority_.PutEntry(record, *question->live);
    }
    question->entry = std::move(entry);
    return Ok();
  };
  const auto loaded = [this, question](const Status& status) {
    if (!status) {
      Conclude(question, ProofOutcome{});
      return;
    }
    AskForCurrent(question);
  };
  if (!authority_.store().Submit(store::WorkKind::kRead, load, loaded)) Conclude(question, ProofOutcome{});
}

void Prover::AskForCurrent(const QuestionPtr& question) {
  const keys::KeyRecord& asked = question->record ? *question->record : NoRecord();
  std::vector<MacRequest> requests(kFirstMacs);
  requests[kCurrentVerifier] =
      keys::VerifierRequest(question->key.id, asked.current().number, question->key.secret);
  requests[kRecordMac] = keys::RecordMacRequest(asked);
  authority_.token_mac().ComputeAsync(
      std::move(requests),
      [this, question](const Result<std::vector<Mac>>& macs) { JudgeCurrent(question, macs); });
}

void Prover::JudgeCurrent(const QuestionPtr& question, const Result<std::vector<Mac>>& macs) {
  if (!macs || macs->size() != kFirstMacs) return Conclude(question, ProofOutcome{});
  if (!question->entry) return AskForOthers(question);
  const keys::KeyRecord& record = *question->record;
  if (!EqualInConstantTime((*macs)[kRecordMac], record.mac)) {
    authority_.Tell(Event(kEventRecordChanged,
                          "the record of key " + record.id.ToString() +
                              " does not match its MAC: it was changed outside claviger and is refused; "
                              "restore the database from a backup or revoke the key")
                        .With("KEY_ID", record.id.ToString()));
    return Conclude(question, ProofOutcome{});
  }
  if (!EqualInConstantTime((*macs)[kCurrentVerifier], record.current().verifier))
    return AskForOthers(question);
  Confirm(question, record.current().number);
}

void Prover::AskForOthers(const QuestionPtr& question) {
  const keys::KeyRecord& asked = question->record ? *question->record : NoRecord();
  std::vector<MacRequest> requests;
  requests.reserve(kOthers);
  for (std::size_t i = 0; i < kOthers; ++i) {
    const std::uint32_t number = i + 1 < asked.generations.size() ? asked.generations[i].number : 0;
    requests.push_back(keys::VerifierRequest(question->key.id, number, question->key.secret));
  }
  authority_.token_mac().ComputeAsync(
      std::move(requests),
      [this, question](const Result<std::vector<Mac>>& macs) { JudgeOthers(question, macs); });
}

void Prover::JudgeOthers(const QuestionPtr& question, const Result<std::vector<Mac>>& macs) {
  if (!macs || macs->size() != kOthers) return Conclude(question, ProofOutcome{});
  const keys::KeyRecord& record = question->entry ? *question->record : NoRecord();
  for (std::size_t i = 0; i + 1 < record.generations.size(); ++i) {
    if (EqualInConstantTime((*macs)[i], record.generations[i].verifier))
      return Confirm(question, record.generations[i].number);
  }
  Conclude(question, ProofOutcome{keys::VerdictCode::kUnknown, nullptr, 0});
  if (record.current().number > record.generations.size()) SearchEnded(question);
}

void Prover::Confirm(const QuestionPtr& question, std::uint32_t generation) {
  question->entry->HoldProof(generation, question->proof, SteadyNow() + question->live->proof_lifetime);
  Conclude(question, ProofOutcome{keys::VerdictCode::kValid, question->entry, generation});
}

// Behind the answer, which is the same for a secret that never was one.
void Prover::SearchEnded(const QuestionPtr& question) {
  auto ended = std::make_shared<std::vector<keys::Generation>>();
  const auto judge = [this, question, ended](const Result<std::vector<Mac>>& macs) {
    for (std::size_t i = 0; macs && i < std::min(macs->size(), ended->size()); ++i) {
      if (!EqualInConstantTime((*macs)[i], (*ended)[i].verifier)) continue;
      authority_.generation_watch().EndedSecret(question->key.id, (*ended)[i].number, question->caller);
      return;
    }
  };
  const auto load = [question, ended](store::Tables& tables) -> Status {
    auto found = tables.keys.EndedGenerations(question->key.id, kMaxEndedGenerations);
    if (!found) return found.error();
    *ended = std::move(*found);
    return Ok();
  };
  const auto ask = [this, question, ended, judge](const Status& status) {
    if (!status || ended->empty()) return;
    std::vector<MacRequest> requests;
    for (const keys::Generation& generation : *ended) {
      requests.push_back(keys::VerifierRequest(question->key.id, generation.number, question->key.secret));
    }
    authority_.token_mac().ComputeAsync(std::move(requests), judge);
  };
  // Where the store is too busy this sighting is let go; whoever has the secret will come again.
  static_cast<void>(authority_.store().Submit(store::WorkKind::kRead, load, ask));
}

void Prover::Conclude(const QuestionPtr& question, const ProofOutcome& outcome) {
  std::vector<Callback> callbacks;
  {
    const MutexLock lock(mutex_);
    const auto found = waiting_.find(question->proof);
    callbacks = std::move(found->second);
    waiting_.erase(found);
  }
  for (const Callback& callback : callbacks) callback(outcome);
}

}  // namespace claviger::api
