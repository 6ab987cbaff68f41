// Counts connections, in total and per peer, against their limits.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <map>
#include <utility>

#include "base/mutex.h"
#include "protocol/peer.h"

namespace claviger::server {

class Census;

// One connection's place in the count; given back when it goes. Move-only; empty if the connection was not
// admitted.
class Admission {
 public:
  Admission() = default;
  Admission(Census* census, uid_t uid, protocol::Face face) : census_(census), uid_(uid), face_(face) {}
  Admission(Admission&& other) noexcept
      : census_(std::exchange(other.census_, nullptr)), uid_(other.uid_), face_(other.face_) {}
  Admission& operator=(Admission&&) = delete;
  ~Admission();

  explicit operator bool() const { return census_ != nullptr; }

 private:
  Census* census_ = nullptr;  // outlives it
  uid_t uid_ = 0;
  protocol::Face face_ = protocol::Face::kVerify;
};

// Thread-safe.
class Census {
 public:
  struct Limits {
    std::size_t total;
    std::size_t reserved_for_admin;  // the part of `total` that connections to the verify face cannot take
    std::size_t per_uid;  // on each face, so that a service's connections do not lock its operator out
  };
  explicit Census(Limits limits) : limits_(limits) {}

  // Empty if a limit would be passed.
  Admission Admit(uid_t uid, protocol::Face face);

  const Limits& limits() const { return limits_; }
  std::size_t open() const { return open_.load(std::memory_order_relaxed); }
  std::size_t most_open() const { return most_open_.load(std::memory_order_relaxed); }

 private:
  friend class Admission;
  void Leave(uid_t uid, protocol::Face face);

  const Limits limits_;
  Mutex mutex_;
  std::map<std::pair<uid_t, protocol::Face>, std::size_t> by_peer_ GUARDED_BY(mutex_);
  std::atomic<std::size_t> open_{0};  // changes only under mutex_
  std::atomic<std::size_t> most_open_{0};
};

}  // namespace claviger::server
