// Many calls under way at the same time on one connection.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/unique_fd.h"
#include "client/message.h"

namespace claviger::client {

// What became of one call: as Connection::Call says, with its refusal() beside it.
struct Answer {
  Result<Reply> reply;
  std::optional<Refusal> refusal;
};

// Answers come in the order of the calls. The daemon reads no further while it owes a connection
// protocol::kMaxPendingRepliesPerConnection replies; a few dozen calls are enough to keep it at work.
// Move-only; thread-compatible.
class Pipeline {
 public:
  // As Connection::Open. `timeout` is also how long the daemon may be silent while calls wait.
  static Result<Pipeline> Open(const std::string& path, std::chrono::milliseconds timeout);

  // One more call; it is sent by the next Send() or Take(). kInvalidArgument: a parameter is not UTF-8, and
  // the call is none.
  Status Add(std::string_view method, const boost::json::object& parameters);
  // Sends what can be sent without waiting.
  void Send();
  // Calls whose answers were not taken yet.
  std::size_t waiting() const { return waiting_; }

  // Sends what is to be sent, waits until an answer is there, and gives all that are; at least one if calls
  // wait. An error: no more answers will come, and of the calls that wait it is not known whether they were
  // carried out. kUnavailable: the daemon was silent for too long, or has ended the connection; kCorrupt:
  // what came is no reply.
  Result<std::vector<Answer>> Take();
  // Whether it was the daemon that has ended the connection: it carries out none of the calls any more that
  // it has not carried out yet.
  bool closed() const { return closed_; }

 private:
  Pipeline(UniqueFd fd, std::chrono::milliseconds timeout) : fd_(std::move(fd)), timeout_(timeout) {}

  // All that is there to be read, without waiting.
  Status ReceiveSome();
  // Takes whole frames out of what was received.
  Result<std::vector<Answer>> Split();

  UniqueFd fd_;
  std::chrono::milliseconds timeout_;
  WipingBuffer outgoing_;
  std::size_t sent_ = 0;  // of `outgoing_`
  WipingBuffer incoming_;
  std::size_t searched_ = 0;  // of `incoming_`, without an end of a frame
  std::size_t waiting_ = 0;
  bool closed_ = false;
};

}  // namespace claviger::client
