#include "daemon/api/prover.h"

#include <algorithm>
#include <utility>

#include "base/secret.h"
#include "daemon/api/authority.h"

namespace claviger::api {
namespace {

// One verifier per generation that can be live, and the record's MAC: asked for every question, needed or
// not.
constexpr std::size_t kRecordMacIndex = keys::kMaxLiveGenerations;

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
    AskToken(question);
  };
  if (!authority_.store().Submit(store::WorkKind::kRead, load, loaded)) Conclude(question, ProofOutcome{});
}

void Prover::AskToken(const QuestionPtr& question) {
  const keys::KeyRecord& asked = question->record ? *question->record : NoRecord();
  std::vector<MacRequest> requests;
  requests.reserve(kRecordMacIndex + 1);
  for (std::size_t i = 0; i < keys::kMaxLiveGenerations; ++i) {
    const std::uint32_t number = i < asked.generations.size() ? asked.generations[i].number : 0;
    requests.push_back(keys::VerifierRequest(question->key.id, number, question->key.secret));
  }
  requests.push_back(keys::RecordMacRequest(asked));
  authority_.token_mac().ComputeAsync(
      std::move(requests), [this, question](const Result<std::vector<Mac>>& macs) { Judge(question, macs); });
}

void Prover::Judge(const QuestionPtr& question, const Result<std::vector<Mac>>& macs) {
  if (!macs || macs->size() != kRecordMacIndex + 1) {
    Conclude(question, ProofOutcome{});
    return;
  }
  if (!question->entry) {
    Conclude(question, ProofOutcome{keys::VerdictCode::kUnknown, nullptr, 0});
    return;
  }
  const keys::KeyRecord& record = *question->record;
  if (!EqualInConstantTime((*macs)[kRecordMacIndex], record.mac)) {
    authority_.Tell(Event(kEventRecordChanged,
                          "the record of key " + record.id.ToString() +
                              " does not match its MAC: it was changed outside claviger and is refused; "
                              "restore the database from a backup or revoke the key")
                        .With("KEY_ID", record.id.ToString()));
    Conclude(question, ProofOutcome{});
    return;
  }
  for (std::size_t i = 0; i < record.generations.size(); ++i) {
    if (!EqualInConstantTime((*macs)[i], record.generations[i].verifier)) continue;
    question->entry->HoldProof(record.generations[i].number, question->proof,
                               SteadyNow() + question->live->proof_lifetime);
    Conclude(question,
             ProofOutcome{keys::VerdictCode::kValid, question->entry, record.generations[i].number});
    return;
  }
  Conclude(question, ProofOutcome{keys::VerdictCode::kUnknown, nullptr, 0});
  if (record.current().number > record.generations.size()) SearchEnded(question);
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
