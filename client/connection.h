// One connection to the daemon, on which Varlink methods are called one after the other.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/unique_fd.h"
#include "client/message.h"

namespace claviger::client {

// How far a call had come when the daemon ended its connection.
enum class Loss {
  kNone,            // it did not
  kBeforeTheCall,   // the daemon has not had the whole call, so that it has not carried it out
  kBeforeTheReply,  // not a byte of a reply came; a daemon that is restarted carries out no such call, but
                    // one that has crashed may have
};

// Move-only; thread-compatible: one call at a time.
class Connection {
 public:
  // Longer than the daemon itself waits for token and store (protocol::kAdminDeadline).
  static constexpr std::chrono::seconds kDefaultTimeout{40};

  // Connects to the socket at `path`. Errors as ConnectUnix. `timeout` is for connecting and for each call.
  static Result<Connection> Open(const std::string& path,
                                 std::chrono::milliseconds timeout = kDefaultTimeout);

  // Calls `method` ("io.claviger.Verify.Verify") and waits for its reply. If the daemon answers with an
  // error, its code is protocol::CodeOfWireName of the name and refusal() has the rest. kUnavailable without
  // a refusal: no reply came, so that it is not known whether the call was carried out. kCorrupt: what came
  // is no reply. kInvalidArgument without a refusal: a parameter is not UTF-8; nothing was sent.
  Result<Reply> Call(std::string_view method, const boost::json::object& parameters,
                     std::span<const SecretParameter> secrets = {});

  // The error reply of the last call; absent if it ended otherwise. Valid until the next call.
  const std::optional<Refusal>& refusal() const { return refusal_; }
  // Whether the last call found or left the connection ended. After that each call is lost on it.
  Loss loss() const { return loss_; }

 private:
  Connection(UniqueFd fd, std::chrono::milliseconds timeout) : fd_(std::move(fd)), timeout_(timeout) {}

  Status Send(std::span<const char> bytes, SteadyTime deadline);
  // One frame, without its NUL.
  Status Receive(WipingBuffer& frame, SteadyTime deadline);

  UniqueFd fd_;  // none after a failure that leaves it unknown where the next reply begins
  std::chrono::milliseconds timeout_;
  std::optional<Refusal> refusal_;
  Loss loss_ = Loss::kNone;
};

}  // namespace claviger::client
