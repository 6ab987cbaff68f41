// One peer's connection: frames in, replies out in order, within the limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/counter.h"
#include "base/secret.h"
#include "daemon/server/event_source.h"
#include "daemon/server/frame_buffer.h"
#include "daemon/server/mailbox.h"
#include "daemon/server/reply_queue.h"
#include "daemon/server/server_state.h"

namespace claviger::server {

class Connection;

// What the connections of one loop share; used on its thread.
struct LoopContext {
  ServerState& state;
  protocol::Dispatcher& dispatcher;
  const int epoll;
  const std::shared_ptr<LoopMailbox> mailbox;
  SteadyTime now;                                // of this wake-up
  SteadyTime next_deadline = SteadyTime::max();  // no connection is due before this
  std::vector<std::uint64_t> closed{};           // ids of connections that can be destroyed
  LoopWork work{};
  // Lent to the connections that are being served, so that idle ones have no buffers. Of the output's there
  // are at most as many as a wake-up has events.
  WipingBuffer input_storage{};
  std::vector<WipingBuffer> output_storage{};
  std::vector<Connection*> unsent{};  // whose replies of this wake-up have still to be sent
};

// Sends what connections have put off to the end of this wake-up.
void SendPutOff(LoopContext& loop);

// Used on its loop's thread.
class Connection final : public EventSource {
 public:
  // `loop` outlives it.
  Connection(LoopContext& loop, std::uint64_t id, Accepted accepted,
             std::unique_ptr<protocol::Session> session);
  ~Connection() override;

  // Begins to watch the socket. False if the kernel refuses.
  [[nodiscard]] bool Open();

  void OnEvents(std::uint32_t events) override;
  // The reply to a ticket, or none; Advance must follow.
  void Complete(std::uint64_t sequence, std::optional<WipingBuffer> reply);
  // Sends what can be sent, and reads on if that made room.
  void Advance();
  // Reads no more; closes once all replies are out.
  void Drain();
  // Gives the connection up for another loop, if nothing is under way on it; this object is closed then. Not
  // while an event of it is being handled.
  std::optional<Accepted> Release();
  std::uint64_t ordinal() const { return ordinal_; }

  // It is not due before this.
  SteadyTime next_deadline() const { return next_deadline_; }
  void OnDeadline();
  // At the end of a wake-up in which it is among LoopContext::unsent: sends what was put off.
  void FinishTurn();

 private:
  class Offer;

  bool closed() const { return !fd_; }
  std::size_t unsent() const { return output_.size() - sent_; }
  std::size_t held() const { return unsent() + replies_.held_bytes(); }
  bool IsFull() const;
  bool HasRoomAgain() const;

  void Read();
  void Pump();
  bool DispatchBuffered();
  std::size_t AnswerTogether(std::span<const std::span<char>> frames);
  void Dispatch(std::span<char> frame);
  void Flush();
  void End();
  void EndAsInvalid();
  void EndByLimit();
  void Close();

  void BorrowOutput();
  void Settle();
  void SettleInput();
  void SettleOutput();
  void SettleDeadlines();
  void Account();
  void Watch();

  LoopContext& loop_;
  const std::uint64_t id_;
  const protocol::Face face_;
  UniqueFd fd_;
  Admission admission_;
  const std::uint64_t ordinal_;
  std::unique_ptr<protocol::Session> session_;
  FrameBuffer input_;
  WipingBuffer output_;
  std::size_t sent_ = 0;         // of output_
  bool output_is_lent_ = false;  // output_ is of the loop's storage
  ReplyQueue replies_;
  bool paused_ = false;           // too much is outstanding: frames are neither dispatched nor received
  bool ending_ = false;           // no more frames; close once all replies are out
  bool frame_completed_ = false;  // since the last Settle
  bool output_moved_ = false;     // likewise: the peer took something
  SteadyTime frame_due_ = SteadyTime::max();
  SteadyTime output_due_ = SteadyTime::max();
  SteadyTime next_deadline_ = SteadyTime::max();
  std::size_t accounted_ = 0;  // this connection's part of state.held_output
  std::uint32_t watched_ = 0;  // events asked of epoll
};

}  // namespace claviger::server
