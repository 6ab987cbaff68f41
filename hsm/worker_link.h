// The conversation with one worker: numbers the requests, remembers what is in flight, checks each reply.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "hsm/frame.h"
#include "hsm/mailbox.h"
#include "hsm/worker_process.h"

namespace claviger::hsm {

// Of the client's thread. After an error the worker is not to be spoken to again.
class WorkerLink {
 public:
  // As WorkerProcess::Start.
  static Result<WorkerLink> Start(const WorkerCommand& command);

  // Requests are staged, and leave together. They count as in flight from Stage on.
  bool CanStage(std::size_t requests = 1) const { return staged_end_ + requests <= kBatch; }
  // A blank frame to fill; then Stage numbers it. Only while CanStage().
  RequestFrame& NextFrame() { return buffers_->requests[staged_end_]; }
  // `random_length` as in ExpectedReply.
  void Stage(std::size_t random_length = 0);
  enum class Flushed { kAll, kFull, kBroken };
  // Sends what is staged, without waiting. kFull: some is left, for when the socket can be written to.
  Flushed Flush();

  // The reply to the oldest request in flight, valid until the next call; null: none has come. kCorrupt for
  // garbage, kUnavailable if the worker has closed the socket.
  Result<const ReplyFrame*> Receive();
  // How long the worker takes for one call, smoothed.
  SteadyTime::duration service_time() const { return service_time_; }
  // Sends one request while nothing else is in flight, and waits for its reply. kUnavailable when the
  // deadline passes, the worker dies, or the client is to stop.
  Status Exchange(const RequestFrame& request, ReplyFrame& reply, std::chrono::milliseconds deadline,
                  Mailbox& mailbox);

  std::size_t in_flight() const { return in_flight_.size(); }
  // Since when the worker owes us a sign of life: the later of its last reply and the sending of the oldest
  // request in flight, of which there must be one.
  SteadyTime waiting_since() const { return std::max(last_reply_, in_flight_.front().sent_at); }
  SteadyTime last_reply() const { return last_reply_; }
  // True while a request with a PIN is in flight: the worker must not be killed.
  bool in_login() const;
  WorkerProcess& process() { return process_; }
  // Says how the worker ended, if it has; waits a moment for that.
  Error Gone();

 private:
  // So many frames go through one system call.
  static constexpr std::size_t kBatch = 16;
  // Apart, because a link moves.
  struct Buffers {
    std::array<RequestFrame, kBatch> requests;
    std::array<ReplyFrame, kBatch> replies;
    std::array<std::size_t, kBatch> reply_sizes{};
  };
  struct Sent {
    ExpectedReply expected;
    SteadyTime sent_at;
  };

  explicit WorkerLink(WorkerProcess process)
      : process_(std::move(process)), buffers_(std::make_unique<Buffers>()) {}
  // False if nothing has come.
  Result<bool> ReceiveBatch();
  void NoteServiceTime(std::size_t replies);

  WorkerProcess process_;
  std::unique_ptr<Buffers> buffers_;
  std::size_t staged_begin_ = 0;  // those before it have been sent
  std::size_t staged_end_ = 0;
  std::size_t received_count_ = 0;
  std::size_t next_received_ = 0;
  std::uint64_t last_id_ = 0;
  std::deque<Sent> in_flight_;
  SteadyTime last_reply_ = SteadyNow();
  SteadyTime::duration service_time_{0};
};

}  // namespace claviger::hsm
