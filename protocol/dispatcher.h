// The seam between server/, which moves frames, and api/, which answers them. Server knows no method, api no
// socket.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "protocol/peer.h"

namespace claviger::protocol {

// What api/ keeps of one connection. Made at accept, owned by the connection, used only on its loop's thread.
class Session {
 public:
  virtual ~Session() = default;
};

// The place of one reply in the order of its connection's replies. Move-only. Reply() may be called on any
// thread, once; after the connection has closed or the deadline has passed it does nothing. A ticket that is
// dropped without Reply closes its connection, so that no reply is ever out of order.
class Ticket {
 public:
  // Implemented by the loop that owns the connection.
  class Mailbox {
   public:
    virtual ~Mailbox() = default;
    // Thread-safe, does not block.
    virtual void Deliver(std::uint64_t connection, std::uint64_t sequence,
                         std::optional<WipingBuffer> reply) = 0;
  };

  Ticket(std::shared_ptr<Mailbox> mailbox, std::uint64_t connection, std::uint64_t sequence);
  Ticket(Ticket&&) noexcept = default;
  Ticket& operator=(Ticket&&) = delete;
  Ticket(const Ticket&) = delete;
  ~Ticket();

  // `frames`: one whole reply with its NUL; empty for a call that asked for none (oneway).
  void Reply(WipingBuffer frames) &&;

 private:
  std::shared_ptr<Mailbox> mailbox_;  // null once replied or moved from
  std::uint64_t connection_;
  std::uint64_t sequence_;
};

// The loop's offer to make a ticket; taken only by calls that cannot be answered at once, so that others cost
// nothing.
class TicketOffer {
 public:
  virtual ~TicketOffer() = default;
  // At most once per call. If no Reply has come by `deadline`, `fallback` is sent in its place.
  virtual Ticket Take(SteadyTime deadline, WipingBuffer fallback) = 0;
};

enum class Disposition {
  kReplied,  // `out` has grown by one whole reply
  kNoReply,  // nothing to say (oneway)
  kPending,  // a ticket was taken
  kClose,  // no resynchronisation is possible: close once earlier replies are out; `out` may have grown by an
           // error
};

// One per loop thread; used only on it.
class Dispatcher {
 public:
  virtual ~Dispatcher() = default;

  // At accept, before a byte is read. An error closes the connection.
  virtual Result<std::unique_ptr<Session>> Accept(Peer peer, Face face) = 0;
  // Once per wake-up, before its frames: the time for all of them.
  virtual void BeginBatch(SteadyTime now) = 0;
  // Once per wake-up, after its frames; their replies have been sent as far as the peers take them.
  virtual void EndBatch() {}
  // A chance to answer several frames together: answers as many as it likes from the front, in order, each by
  // one whole reply appended to `out`, and returns how many. It stops once `out` has grown by more than
  // `room` bytes. The rest go to Dispatch or come again. `frames` are as for Dispatch, at most
  // kMaxBatchFrames. Must not block.
  virtual std::size_t AnswerTogether(Session&, std::span<const std::span<char>> /*frames*/,
                                     WipingBuffer& /*out*/, std::size_t /*room*/) {
    return 0;
  }
  // `frame` is one frame without its NUL. At least kFramePadding bytes behind it are readable and may hold
  // anything. The frame may be overwritten. Must not block.
  virtual Disposition Dispatch(Session& session, std::span<char> frame, WipingBuffer& out,
                               TicketOffer& offer) = 0;
  // A connection to the credential face. What the ticket is given is sent as it is, and is not empty; a
  // ticket that is dropped refuses, so that the unit does not start. Must not block.
  virtual void HandOver(CredentialRequest request, Ticket ticket);
};

// simdjson reads this far past its input.
inline constexpr std::size_t kFramePadding = 64;
inline constexpr std::size_t kMaxBatchFrames = 32;

}  // namespace claviger::protocol
