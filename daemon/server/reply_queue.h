// The replies of one connection that cannot be sent yet, in the order of their calls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "base/clock.h"
#include "base/secret.h"

namespace claviger::server {

// One place per outstanding ticket. Replies that were made at once but come behind an outstanding one wait
// with the place before them. Thread-compatible.
class ReplyQueue {
 public:
  bool empty() const { return places_.empty(); }
  std::size_t size() const { return places_.size(); }
  // Of the replies that wait here.
  std::size_t held_bytes() const { return held_bytes_; }

  // A place at the end. Returns its sequence, by which Complete finds it.
  std::uint64_t Push(SteadyTime deadline, WipingBuffer fallback);
  // Where replies go that come behind the last place; only while not empty(). Valid until Complete, Expire,
  // MoveReady or Clear, also across Push. `before` is its size when the caller began to write; call NoteTail
  // once done.
  WipingBuffer& Tail() { return places_.back().behind; }
  void NoteTail(std::size_t grown) { held_bytes_ += grown; }

  // The reply for a place, or nullopt if there will be none. Unknown, gone and completed places are left
  // alone.
  void Complete(std::uint64_t sequence, std::optional<WipingBuffer> reply);
  // Completes the places that are due with their fallbacks.
  void Expire(SteadyTime now);
  // No place is due before this.
  SteadyTime next_deadline() const { return next_deadline_; }

  // Appends to `out` what is ready at the front. False if the next place will have no reply: then nothing
  // that comes after it may be sent.
  [[nodiscard]] bool MoveReady(WipingBuffer& out);
  void Clear();

 private:
  struct Place {
    SteadyTime deadline;
    WipingBuffer reply;  // the fallback until it is completed
    WipingBuffer behind;
    bool completed = false;
    bool broken = false;  // there will be no reply
  };

  std::deque<Place> places_;
  std::uint64_t first_sequence_ = 0;  // of the place at the front
  std::size_t held_bytes_ = 0;
  SteadyTime next_deadline_ = SteadyTime::max();  // or earlier than the true one
};

}  // namespace claviger::server
