// Asks the token whether a presented secret is the right one, for keys of which no proof is held.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "daemon/api/usage_ledger.h"
#include "daemon/keys/key_entry.h"
#include "daemon/keys/key_string.h"
#include "daemon/keys/verdict.h"

namespace claviger::api {

class Authority;

struct ProofOutcome {
  keys::VerdictCode code =
      keys::VerdictCode::kUnavailable;  // kValid: the right secret; kUnknown; kUnavailable
  keys::KeyEntryPtr entry;              // set with kValid
  std::uint32_t generation = 0;         // the one that was presented
};

// Always reads the record from the store, and then asks the token: for the current secret's verifier and the
// record's MAC, and, unless that is what was presented, for the verifiers of other generations, always of as
// many. So kUnknown takes as long whether the key exists, is cached or not, and whatever is wrong with the
// secret: the time tells nothing that the answer does not. Only who has a right secret can tell by it whether
// that is the current one. Thread-safe.
class Prover {
 public:
  using Callback = std::function<void(const ProofOutcome&)>;

  explicit Prover(Authority& authority) : authority_(authority) {}

  // `proof`: of the string that `key` is; held from then on if the secret is right. The callback comes
  // exactly once, on the store's or the token's thread, or on this one. Requests for the same key with the
  // same secret that come while it is being proved wait for the same answer. A secret that turns out to be
  // one of a generation which has ended is told to the generation watch, as presented by `caller`, after the
  // callback.
  void Prove(const keys::PresentedKey& key, const keys::Proof& proof, const CallerPtr& caller,
             Callback callback) EXCLUDES(mutex_);

  // So many of the newest ended generations are looked at.
  static constexpr int kMaxEndedGenerations = 4;

 private:
  struct Question;
  using QuestionPtr = std::shared_ptr<Question>;
  struct QuestionHash {
    std::size_t operator()(const keys::Proof& name) const { return static_cast<std::size_t>(name.low); }
  };

  void Load(const QuestionPtr& question);
  void AskForCurrent(const QuestionPtr& question);
  void JudgeCurrent(const QuestionPtr& question, const Result<std::vector<Mac>>& macs);
  void AskForOthers(const QuestionPtr& question);
  void JudgeOthers(const QuestionPtr& question, const Result<std::vector<Mac>>& macs);
  // `generation`: whose secret was presented.
  void Confirm(const QuestionPtr& question, std::uint32_t generation);
  void Conclude(const QuestionPtr& question, const ProofOutcome& outcome) EXCLUDES(mutex_);
  void SearchEnded(const QuestionPtr& question);

  Authority& authority_;
  Mutex mutex_;
  // By the proof of what was presented.
  std::unordered_map<keys::Proof, std::vector<Callback>, QuestionHash> waiting_ GUARDED_BY(mutex_);
};

}  // namespace claviger::api
