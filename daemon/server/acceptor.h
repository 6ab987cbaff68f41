// Takes connections from the listening sockets, which all loops share.
#pragma once

#include <deque>
#include <functional>
#include <span>

#include "base/clock.h"
#include "base/result.h"
#include "daemon/server/event_source.h"
#include "daemon/server/mailbox.h"
#include "daemon/server/server_state.h"

namespace claviger::server {

// One per loop; used on its thread once opened.
class Acceptor {
 public:
  // Called with each connection that is within the limits.
  using Sink = std::function<void(Accepted)>;

  Acceptor(ServerState& state, Sink sink) : state_(state), sink_(std::move(sink)) {}

  // Watches `sockets`, which outlive it, through `epoll`. kUnavailable if the kernel refuses.
  Status Open(std::span<const Listening> sockets, int epoll);
  // Accepts no more, also not what this wake-up has still to tell of.
  void Close();

  // When OnDeadline wants to be called.
  SteadyTime next_deadline() const { return resume_at_; }
  void OnDeadline(SteadyTime now);

 private:
  class Socket final : public EventSource {
   public:
    Socket(Acceptor& acceptor, int fd, protocol::Face face) : acceptor_(acceptor), fd_(fd), face_(face) {}
    void OnEvents(std::uint32_t events) override;
    int fd() const { return fd_; }
    protocol::Face face() const { return face_; }

   private:
    Acceptor& acceptor_;
    const int fd_;
    const protocol::Face face_;
  };

  // kNobody: only with a free descriptor does the kernel say that no peer is waiting.
  enum class Shedding { kOne, kNobody, kFailed };

  void AcceptFrom(const Socket& socket);
  // Accepts one peer with the reserve and closes it.
  Shedding Shed(const Socket& socket);
  void LetIn(UniqueFd fd, protocol::Face face);
  Status Watch();
  void Unwatch();
  void Pause();

  ServerState& state_;
  const Sink sink_;
  int epoll_ = -1;
  bool closed_ = false;
  std::deque<Socket> sockets_;  // never moved: epoll points to them
  // Given up for a moment when no descriptor is free, so that a connection can be accepted and closed instead
  // of waking the loop for ever.
  UniqueFd reserve_;
  SteadyTime resume_at_ = SteadyTime::max();
};

}  // namespace claviger::server
