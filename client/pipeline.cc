#include "client/pipeline.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "client/unix_socket.h"

namespace claviger::client {
namespace {

constexpr std::size_t kIncomingBytes = std::size_t{64} * 1024;

}  // namespace

Result<Pipeline> Pipeline::Open(const std::string& path, std::chrono::milliseconds timeout) {
  auto fd = ConnectUnix(path, SteadyNow() + timeout);
  if (!fd) return fd.error();
  return Pipeline(std::move(*fd), timeout);
}

Status Pipeline::Add(std::string_view method, const boost::json::object& parameters) {
  const auto frame = MakeCall(method, parameters);
  if (!frame) return frame.error();
  outgoing_.insert(outgoing_.end(), frame->begin(), frame->end());
  ++waiting_;
  return Ok();
}

Result<std::vector<Answer>> Pipeline::Take() {
  const SteadyTime deadline = SteadyNow() + timeout_;
  while (waiting_ > 0) {
    Send();
    if (Status received = ReceiveSome(); !received) return received.error();
    auto answers = Split();
    if (!answers || !answers->empty()) return answers;
    if (closed_) return NoAnswer("it closed the connection");
    const bool all_sent = outgoing_.empty();
    const short events = all_sent ? POLLIN : POLLIN | POLLOUT;
    if (!WaitFor(fd_.get(), events, deadline)) {
      return NoAnswer(all_sent ? "it did not answer in time" : "it did not read the request in time");
    }
  }
  return std::vector<Answer>();
}

// A connection that takes no more may still have answers to give: ReceiveSome finds its end.
void Pipeline::Send() {
  while (sent_ < outgoing_.size()) {
    const ssize_t sent =
        ::send(fd_.get(), outgoing_.data() + sent_, outgoing_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return;
    sent_ += static_cast<std::size_t>(sent);
  }
  outgoing_.clear();
  sent_ = 0;
}

Status Pipeline::ReceiveSome() {
  for (;;) {
    const std::size_t before = incoming_.size();
    incoming_.resize(before + kIncomingBytes);
    const ssize_t got = ::recv(fd_.get(), incoming_.data() + before, kIncomingBytes, MSG_DONTWAIT);
    const int failure = errno;
    incoming_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && failure == EINTR) continue;
    if (got < 0 && failure == EAGAIN) return Ok();
    if (got == 0 || (got < 0 && failure == ECONNRESET)) {
      closed_ = true;
      return Ok();
    }
    if (got < 0) return NoAnswer(std::strerror(failure));
    if (static_cast<std::size_t>(got) < kIncomingBytes) return Ok();
    if (incoming_.size() > kMaxReplyBytes) return Ok();  // enough at once
  }
}

Result<std::vector<Answer>> Pipeline::Split() {
  std::vector<Answer> answers;
  auto begin = incoming_.begin();
  auto from = begin + static_cast<std::ptrdiff_t>(searched_);
  auto end = std::find(from, incoming_.end(), '\0');
  for (; end != incoming_.end(); end = std::find(begin, incoming_.end(), '\0')) {
    if (waiting_ == 0) return NotUnderstood("more replies came than calls were made");
    std::optional<Refusal> refusal;
    auto reply = ReadReply(std::string_view(&*begin, static_cast<std::size_t>(end - begin)), refusal);
    if (!reply && !refusal) {
      if (answers.empty()) return reply.error();
      break;  // the answers before it count; it is met again
    }
    answers.push_back({std::move(reply), std::move(refusal)});
    --waiting_;
    begin = end + 1;
  }
  const bool all = end == incoming_.end();
  incoming_.erase(incoming_.begin(), begin);
  searched_ = all ? incoming_.size() : 0;
  if (searched_ > kMaxReplyBytes) return NotUnderstood("it is too large");
  return answers;
}

}  // namespace claviger::client
