#include "client/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "client/unix_socket.h"

namespace claviger::client {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} * 1024;

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
  const auto frame = MakeCall(method, parameters, secrets);
  if (!frame) return frame.error();
  const SteadyTime deadline = SteadyNow() + timeout_;
  WipingBuffer answer;
  Status done = Send(*frame, deadline);
  if (done) done = Receive(answer, deadline);
  if (!done) {
    fd_.Reset();
    return done.error();
  }
  return ReadReply(std::string_view(answer.data(), answer.size()), refusal_);
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

}  // namespace claviger::client
