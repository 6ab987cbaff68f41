#include "daemon/server/census.h"

#include <algorithm>

namespace claviger::server {

Admission::~Admission() {
  if (census_ != nullptr) census_->Leave(uid_, face_);
}

Admission Census::Admit(uid_t uid, protocol::Face face) {
  const std::size_t reserved = face == protocol::Face::kVerify ? limits_.reserved_for_admin : 0;
  const MutexLock lock(mutex_);
  const std::size_t open = open_.load(std::memory_order_relaxed);
  if (open + reserved >= limits_.total) return {};
  const auto place = by_peer_.try_emplace({uid, face}, 0).first;
  if (place->second >= limits_.per_uid) return {};
  ++place->second;
  open_.store(open + 1, std::memory_order_relaxed);
  most_open_.store(std::max(most_open_.load(std::memory_order_relaxed), open + 1), std::memory_order_relaxed);
  return Admission(this, uid, face);
}

void Census::Leave(uid_t uid, protocol::Face face) {
  const MutexLock lock(mutex_);
  const auto place = by_peer_.find({uid, face});
  if (--place->second == 0) by_peer_.erase(place);
  open_.store(open_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
}

}  // namespace claviger::server
