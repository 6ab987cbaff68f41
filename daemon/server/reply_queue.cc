#include "daemon/server/reply_queue.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace claviger::server {
namespace {

std::string_view TextOf(const WipingBuffer& bytes) { return {bytes.data(), bytes.size()}; }

}  // namespace

std::uint64_t ReplyQueue::Push(SteadyTime deadline, WipingBuffer fallback) {
  held_bytes_ += fallback.size();
  places_.push_back(Place{deadline, std::move(fallback), {}});
  next_deadline_ = std::min(next_deadline_, deadline);
  return first_sequence_ + places_.size() - 1;
}

void ReplyQueue::Complete(std::uint64_t sequence, std::optional<WipingBuffer> reply) {
  if (sequence < first_sequence_ || sequence - first_sequence_ >= places_.size()) return;
  Place& place = places_[sequence - first_sequence_];
  if (place.completed) return;
  held_bytes_ -= place.reply.size();
  place.completed = true;
  place.broken = !reply;
  place.reply = reply ? std::move(*reply) : WipingBuffer();
  held_bytes_ += place.reply.size();
}

void ReplyQueue::Expire(SteadyTime now) {
  if (now < next_deadline_) return;
  next_deadline_ = SteadyTime::max();
  for (Place& place : places_) {
    if (place.completed) continue;
    if (place.deadline <= now) {
      place.completed = true;
    } else {
      next_deadline_ = std::min(next_deadline_, place.deadline);
    }
  }
}

bool ReplyQueue::MoveReady(WipingBuffer& out) {
  while (!places_.empty() && places_.front().completed) {
    Place& place = places_.front();
    if (place.broken) return false;
    Append(out, TextOf(place.reply));
    Append(out, TextOf(place.behind));
    held_bytes_ -= place.reply.size() + place.behind.size();
    places_.pop_front();
    ++first_sequence_;
  }
  if (places_.empty()) next_deadline_ = SteadyTime::max();
  return true;
}

void ReplyQueue::Clear() {
  first_sequence_ += places_.size();
  places_.clear();
  held_bytes_ = 0;
  next_deadline_ = SteadyTime::max();
}

}  // namespace claviger::server
