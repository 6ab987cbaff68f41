// The conversation with one worker: numbers the requests, remembers what is in flight, checks each reply.
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>

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

  enum class Posted { kSent, kFull, kBroken };
  // Numbers `frame` and sends it without waiting. `random_length` as in ExpectedReply.
  Posted Post(RequestFrame& frame, std::size_t random_length = 0);
  // The reply to the oldest request in flight: true if one came. kCorrupt for garbage, kUnavailable if the
  // worker has closed the socket.
  Result<bool> Receive(ReplyFrame& frame);
  // Sends one request while nothing else is in flight, and waits for its reply. kUnavailable when the
  // deadline passes, the worker dies, or the client is to stop.
  Status Exchange(RequestFrame& request, ReplyFrame& reply, std::chrono::milliseconds deadline,
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
  struct Sent {
    ExpectedReply expected;
    SteadyTime sent_at;
  };

  explicit WorkerLink(WorkerProcess process) : process_(std::move(process)) {}

  WorkerProcess process_;
  std::uint64_t last_id_ = 0;
  std::deque<Sent> in_flight_;
  SteadyTime last_reply_ = SteadyNow();
};

}  // namespace claviger::hsm
