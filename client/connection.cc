#include "client/connection.h"

#include <fmt/format.h>
#include <poll.h>
#include <simdjson.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "client/unix_socket.h"
#include "client/wiping_storage.h"
#include "protocol/error_names.h"
#include "protocol/reply.h"

namespace claviger::client {
namespace {

constexpr std::size_t kMaxReplyBytes = std::size_t{64} * 1024 * 1024;
constexpr std::size_t kReadBytes = std::size_t{64} * 1024;

void Append(WipingBuffer& out, std::string_view text) { out.insert(out.end(), text.begin(), text.end()); }

Error NotUnderstood(std::string_view why) {
  return Error(ErrorCode::kCorrupt,
               fmt::format("the daemon's answer is not understood: {}; check that claviger and "
                           "clavigerd are of the same version",
                           why));
}

Error NoAnswer(std::string_view why) {
  return Error(ErrorCode::kUnavailable, fmt::format("no answer from the daemon: {}", why));
}

bool IsUtf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

// The first parameter that is not UTF-8 and so cannot be sent as JSON.
Status CheckUtf8(const boost::json::object& parameters, std::span<const SecretParameter> secrets) {
  const auto fault = [](std::string_view name) {
    return Error(ErrorCode::kInvalidArgument, fmt::format("{}: is not UTF-8 text", name));
  };
  for (const SecretParameter& secret : secrets) {
    if (!IsUtf8(secret.value.ExposeText())) return fault(secret.name);
  }
  for (const auto& [name, value] : parameters) {
    if (!IsUtf8(boost::json::serialize(value))) return fault(std::string_view(name));
  }
  return Ok();
}

// {"method":"...","parameters":{<secrets>,<parameters>}}\0
WipingBuffer MakeFrame(std::string_view method, const boost::json::object& parameters,
                       std::span<const SecretParameter> secrets) {
  const std::string plain = boost::json::serialize(parameters);
  std::size_t size = method.size() + plain.size() + 64;
  for (const SecretParameter& secret : secrets) size += secret.name.size() + 8 + 6 * secret.value.size();
  WipingBuffer frame;
  frame.reserve(size);
  Append(frame, R"({"method":)");
  protocol::AppendJsonString(frame, method);
  Append(frame, R"(,"parameters":{)");
  bool first = true;
  for (const SecretParameter& secret : secrets) {
    if (!first) frame.push_back(',');
    first = false;
    protocol::AppendJsonString(frame, secret.name);
    frame.push_back(':');
    protocol::AppendJsonString(frame, secret.value.ExposeText());
  }
  if (!first && !parameters.empty()) frame.push_back(',');
  Append(frame, std::string_view(plain).substr(1));  // its closing brace ends the parameters
  Append(frame, std::string_view("}\0", 2));
  return frame;
}

// True when `fd` is ready for `events`; false at the deadline.
bool WaitFor(int fd, short events, SteadyTime deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyNow()).count();
    if (left <= 0) return false;
    pollfd waiting{fd, events, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready > 0) return true;
  }
}

// Moves the key string out of a reply. Its JSON string's memory is given back, and wiped, only with the whole
// reply, so it is wiped here too.
Secret TakeKey(boost::json::object& parameters) {
  boost::json::value* key = parameters.if_contains("key");
  if (key == nullptr || !key->is_string()) return Secret();
  boost::json::string& text = key->get_string();
  Secret taken = Secret::FromText(text);
  Wipe(std::as_writable_bytes(std::span(text.data(), text.size())));
  parameters.erase("key");
  return taken;
}

}  // namespace

Result<Connection> Connection::Open(const std::string& path, std::chrono::milliseconds timeout) {
  auto fd = ConnectUnix(path, SteadyNow() + timeout);
  if (!fd) return fd.error();
  return Connection(std::move(*fd), timeout);
}

Result<Reply> Connection::Call(std::string_view method, const boost::json::object& parameters,
                               std::span<const SecretParameter> secrets) {
  refusal_.reset();
  loss_ = fd_ ? Loss::kNone : Loss::kBeforeTheCall;
  if (!fd_) return NoAnswer("the connection has ended");
  if (const Status fine = CheckUtf8(parameters, secrets); !fine) return fine.error();
  const WipingBuffer frame = MakeFrame(method, parameters, secrets);
  const SteadyTime deadline = SteadyNow() + timeout_;
  WipingBuffer answer;
  Status done = Send(frame, deadline);
  if (done) done = Receive(answer, deadline);
  if (!done) {
    fd_.Reset();
    return done.error();
  }
  return Understand(std::string_view(answer.data(), answer.size()));
}

Status Connection::Send(std::span<const char> bytes, SteadyTime deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (!WaitFor(fd_.get(), POLLOUT, deadline)) return NoAnswer("it did not read the request in time");
    } else if (errno != EINTR) {
      loss_ = Loss::kBeforeTheCall;
      return NoAnswer(std::strerror(errno));
    }
  }
  return Ok();
}

Status Connection::Receive(WipingBuffer& frame, SteadyTime deadline) {
  for (;;) {
    if (!WaitFor(fd_.get(), POLLIN, deadline)) return NoAnswer("it did not answer in time");
    const std::size_t before = frame.size();
    frame.resize(before + kReadBytes);
    const ssize_t got = ::recv(fd_.get(), frame.data() + before, kReadBytes, MSG_DONTWAIT);
    const int failure = errno;
    frame.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    const bool ended = got == 0 || failure == ECONNRESET;
    if (got <= 0 && ended && frame.empty()) loss_ = Loss::kBeforeTheReply;
    if (got == 0) return NoAnswer("it closed the connection");
    if (got < 0) {
      if (failure == EINTR || failure == EAGAIN) continue;
      return NoAnswer(std::strerror(failure));
    }
    const auto begin = frame.begin() + static_cast<std::ptrdiff_t>(before);
    const auto end = std::find(begin, frame.end(), '\0');
    if (end != frame.end()) {
      if (end + 1 != frame.end()) return NotUnderstood("more than one reply came");
      frame.pop_back();
      return Ok();
    }
    if (frame.size() > kMaxReplyBytes) return NotUnderstood("it is too large");
  }
}

Result<Reply> Connection::Understand(std::string_view frame) {
  // One growing block: a page of a list has tens of thousands of values.
  const auto storage = boost::json::make_shared_resource<boost::json::monotonic_resource>(
      std::max<std::size_t>(frame.size(), 1024), WipingStorage());
  boost::json::parser parser(WipingStorage());
  parser.reset(storage);
  boost::system::error_code failed;
  parser.write(frame.data(), frame.size(), failed);
  if (failed) return NotUnderstood("it is not JSON");
  boost::json::value document = parser.release();
  boost::json::object* reply = document.if_object();
  if (reply == nullptr) return NotUnderstood("it is not an object");

  boost::json::object parameters(storage);
  if (boost::json::value* member = reply->if_contains("parameters");
      member != nullptr && !member->is_null()) {
    if (!member->is_object()) return NotUnderstood("its parameters are not an object");
    parameters = std::move(member->get_object());
  }
  const boost::json::value* error = reply->if_contains("error");
  if (error == nullptr) {
    Secret key = TakeKey(parameters);
    return Reply{std::move(parameters), std::move(key)};
  }
  if (!error->is_string()) return NotUnderstood("its error has no name");
  const std::string name(error->get_string());
  const boost::json::value* message = parameters.if_contains("message");
  std::string sentence = message != nullptr && message->is_string() ? std::string(message->get_string())
                                                                    : "the daemon answered " + name;
  refusal_ = Refusal{name, std::move(parameters)};
  return Error(protocol::CodeOfWireName(name), std::move(sentence));
}

}  // namespace claviger::client
