#include "hsm/worker_link.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace claviger::hsm {
namespace {

// The worker closes its end as it dies, a moment before it can be reaped.
constexpr std::chrono::milliseconds kDyingTime{20};

// Rounded up, so that a wait does not end just before its time.
int MillisecondsUntil(SteadyTime time) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(time - SteadyNow());
  return static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
}

}  // namespace

Result<WorkerLink> WorkerLink::Start(const WorkerCommand& command) {
  auto process = WorkerProcess::Start(command);
  if (!process) return process.error();
  return WorkerLink(std::move(*process));
}

WorkerLink::Posted WorkerLink::Post(RequestFrame& frame, std::size_t random_length) {
  frame.id = last_id_ + 1;
  ssize_t sent = 0;
  do {
    sent = send(process_.socket(), &frame, sizeof(frame), MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return errno == EAGAIN || errno == ENOBUFS ? Posted::kFull : Posted::kBroken;
  ++last_id_;
  in_flight_.push_back({{frame.id, static_cast<Op>(frame.op), random_length}, SteadyNow()});
  return Posted::kSent;
}

Result<bool> WorkerLink::Receive(ReplyFrame& frame) {
  ssize_t received = 0;
  do {
    received = recv(process_.socket(), &frame, sizeof(frame), MSG_DONTWAIT | MSG_TRUNC);
  } while (received < 0 && errno == EINTR);
  if (received < 0 && errno == EAGAIN) return false;
  if (received <= 0) return Gone();
  if (in_flight_.empty())
    return Error(ErrorCode::kCorrupt, "the worker claviger-token sent a reply to no call");
  const Status checked = CheckReply(frame, static_cast<std::size_t>(received), in_flight_.front().expected);
  if (!checked) return checked.error().WithContext("the worker claviger-token answered garbage");
  in_flight_.pop_front();
  last_reply_ = SteadyNow();
  return true;
}

Status WorkerLink::Exchange(RequestFrame& request, ReplyFrame& reply, std::chrono::milliseconds deadline,
                            Mailbox& mailbox) {
  if (Post(request) != Posted::kSent) return Gone();
  const SteadyTime end = SteadyNow() + deadline;
  while (true) {
    auto received = Receive(reply);
    if (!received) return received.error();
    if (*received) return Ok();
    if (mailbox.stopping()) return Error(ErrorCode::kUnavailable, "clavigerd is stopping");
    if (SteadyNow() >= end) {
      return Error(ErrorCode::kUnavailable,
                   fmt::format("the worker claviger-token did not answer within {} ms", deadline.count()));
    }
    std::array<pollfd, 3> watched{pollfd{process_.socket(), POLLIN, 0}, pollfd{process_.pidfd(), POLLIN, 0},
                                  pollfd{mailbox.wakeup().fd(), POLLIN, 0}};
    poll(watched.data(), watched.size(), MillisecondsUntil(end));
    // What woke us beside the stop is taken when this exchange is over.
    if (watched[2].revents != 0) mailbox.wakeup().Drain();
    if (watched[1].revents != 0 && watched[0].revents == 0) return Gone();
  }
}

Error WorkerLink::Gone() {
  process_.WaitForEnd(kDyingTime);
  const std::string& ending = process_.ending();
  return Error(ErrorCode::kUnavailable,
               fmt::format("the worker claviger-token {}", ending.empty() ? "closed its socket" : ending));
}

bool WorkerLink::in_login() const {
  return std::ranges::any_of(in_flight_, [](const Sent& sent) {
    return sent.expected.op == Op::kLogin || sent.expected.op == Op::kInitialiseToken;
  });
}

}  // namespace claviger::hsm
