// Calls and replies as frames of Varlink, and what is said when none come.
// https://varlink.org/Wire-Protocol
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace claviger::client {

// A longer reply is not believed.
inline constexpr std::size_t kMaxReplyBytes = std::size_t{64} * 1024 * 1024;

// A parameter that is a secret: it goes from `value` straight into memory that is wiped after sending.
struct SecretParameter {
  std::string_view name;
  const Secret& value;  // UTF-8
};

// A reply's parameters. A key string in the member `key` is taken out of them into `key`; it is empty if the
// reply had none.
struct Reply {
  boost::json::object parameters;
  Secret key;
};

// The error reply of a call, as it came over the wire.
struct Refusal {
  std::string wire_name;  // "io.claviger.Admin.KeyNotFound"
  boost::json::object parameters;
};

// The frame of a call, its NUL included. kInvalidArgument: a parameter is not UTF-8.
Result<WipingBuffer> MakeCall(std::string_view method, const boost::json::object& parameters,
                              std::span<const SecretParameter> secrets = {});
// What a frame without its NUL says. An error reply is an error with the code that
// protocol::CodeOfWireName gives for it, and the whole of it is in `refusal`. kCorrupt: it is no reply.
Result<Reply> ReadReply(std::string_view frame, std::optional<Refusal>& refusal);

// kCorrupt and kUnavailable, in the words that people are to read.
Error NotUnderstood(std::string_view why);
Error NoAnswer(std::string_view why);

// True when `fd` is ready for one of `events`; false at the deadline.
bool WaitFor(int fd, short events, SteadyTime deadline);

}  // namespace claviger::client
