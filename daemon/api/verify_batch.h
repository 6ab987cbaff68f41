// Answers pipelined verifications together, straight from the cache.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/read_epochs.h"
#include "daemon/api/cached_verdict.h"
#include "daemon/api/scope_memo.h"
#include "protocol/dispatcher.h"
#include "protocol/verify_call.h"

namespace claviger::api {

// One per loop; used only on its thread. What memory has to be fetched for all of a batch's keys is fetched
// at the same time. No allocation, no lock but the usage ledger's, once for a batch.
class VerifyBatch {
 public:
  // Both must outlive it.
  VerifyBatch(Authority& authority, LoopState& loop);

  // Answers frames from the front, in order, into `out`, until one is not a verification in its usual form,
  // or cannot be answered from memory, or `out` has grown by more than `room` bytes. Returns how many it has
  // answered. The peer is one who may ask for verdicts.
  std::size_t Answer(const PeerSession& session, std::span<const std::span<char>> frames, WipingBuffer& out,
                     std::size_t room);

 private:
  struct Item {
    protocol::VerifyCall call;
    Verification asked;
    bool malformed = false;
  };

  std::size_t Scan(std::span<const std::span<char>> frames);
  // False: it is to be answered another way.
  bool AnswerOne(const PeerSession& session, Item& item, WipingBuffer& out);

  Authority& authority_;
  LoopState& loop_;
  ScopeMemo memo_;
  std::uint64_t memo_epoch_ = 0;  // of the settings whose catalogue it is of
  std::vector<Item> items_;
  std::array<UsageNote, protocol::kMaxBatchFrames> notes_;
  std::size_t note_count_ = 0;
};

}  // namespace claviger::api
