#include "daemon/api/verify_batch.h"

#include "daemon/api/verify_handler.h"
#include "daemon/api/verify_reply.h"

namespace claviger::api {

using keys::VerdictCode;

VerifyBatch::VerifyBatch(Authority& authority, LoopState& loop)
    : authority_(authority), loop_(loop), items_(protocol::kMaxBatchFrames) {}

// Takes the frames apart, and has the processor fetch what they will need. Returns how many from the front
// can go on.
std::size_t VerifyBatch::Scan(std::span<const std::span<char>> frames) {
  const keys::KeyCache& cache = authority_.cache();
  std::size_t count = 0;
  for (; count < frames.size(); ++count) {
    Item& item = items_[count];
    if (!protocol::ScanVerifyCall(frames[count], item.call)) break;
    const auto key = keys::ReadKeyString(item.call.key);
    item.malformed = !key;
    if (key) item.asked.key = *key;
  }
  const std::span<Item> scanned = std::span(items_).first(count);
  const auto each_key = [scanned](auto&& act) {
    for (Item& item : scanned) {
      if (!item.malformed) act(item.asked);
    }
  };
  // What may lie in cold memory is asked for in loops of few instructions, so that the processor translates
  // several of the addresses at once; of very many keys that is what takes long. Between them, while the
  // places in the table are on their way, the proofs are made.
  each_key([&cache](const Verification& asked) { cache.Prefetch(asked.key.id); });
  each_key([this](Verification& asked) { asked.proof = authority_.proof_key().Prove(asked.key.text); });
  each_key([&cache](const Verification& asked) { cache.PrefetchEntry(asked.key.id); });
  return count;
}

bool VerifyBatch::AnswerOne(const PeerSession& session, Item& item, WipingBuffer& out) {
  const keys::VerifyQuery* const query = memo_.Of(item.call, *loop_.live->catalogue);
  if (query == nullptr || (item.call.has_remote_address && !IsAddress(item.call.remote_address)))
    return false;
  if (item.malformed) {
    AppendBareVerdict(out, VerdictCode::kMalformed);
    loop_.counters->CountVerdict(VerdictCode::kMalformed);
    return true;
  }
  item.asked.query = query;
  item.asked.scopes = item.call.asked();
  Verdict verdict;
  keys::KeyEntry* const entry = authority_.cache().Peek(item.asked.key.id);
  if (AnswerFromEntry(authority_, loop_, session.caller, entry, item.asked, out, verdict) !=
      CacheAnswer::kAnswered) {
    return false;
  }
  loop_.counters->CountVerdict(verdict.code);
  notes_[note_count_++] = {item.asked.key.id, verdict.generation, verdict.code};
  return true;
}

std::size_t VerifyBatch::Answer(const PeerSession& session, std::span<const std::span<char>> frames,
                                WipingBuffer& out, std::size_t room) {
  if (!authority_.ProofsUsable(loop_.steady_now)) return 0;
  if (memo_epoch_ != loop_.settings_epoch) {
    memo_epoch_ = loop_.settings_epoch;
    memo_.Forget();
  }
  const ReadEpochs::Section section(loop_.cache_reader);
  const std::size_t count = Scan(frames.first(std::min(frames.size(), items_.size())));
  const std::size_t before = out.size();
  std::size_t answered = 0;
  note_count_ = 0;
  while (answered < count && out.size() - before <= room && AnswerOne(session, items_[answered], out))
    ++answered;
  if (note_count_ != 0) loop_.usage->Note(std::span(notes_).first(note_count_), session.caller, loop_.now);
  loop_.answered += answered;
  return answered;
}

}  // namespace claviger::api
