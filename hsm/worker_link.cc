#include "hsm/worker_link.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

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

void WorkerLink::Stage(std::size_t random_length) {
  RequestFrame& frame = buffers_->requests[staged_end_++];
  frame.id = ++last_id_;
  in_flight_.push_back({{frame.id, static_cast<Op>(frame.op), random_length}, SteadyNow()});
}

WorkerLink::Flushed WorkerLink::Flush() {
  if (staged_begin_ == staged_end_) return Flushed::kAll;
  std::array<iovec, kBatch> parts;
  std::array<mmsghdr, kBatch> messages{};
  const std::size_t count = staged_end_ - staged_begin_;
  for (std::size_t i = 0; i < count; ++i) {
    parts[i] = {&buffers_->requests[staged_begin_ + i], sizeof(RequestFrame)};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  int sent = 0;
  do {
    sent = sendmmsg(process_.socket(), messages.data(), static_cast<unsigned>(count),
                    MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return errno == EAGAIN || errno == ENOBUFS ? Flushed::kFull : Flushed::kBroken;
  for (int i = 0; i < sent; ++i) buffers_->requests[staged_begin_++].Clear();
  if (staged_begin_ != staged_end_) return Flushed::kFull;
  staged_begin_ = staged_end_ = 0;
  return Flushed::kAll;
}

Result<const ReplyFrame*> WorkerLink::Receive() {
  if (next_received_ != 0) buffers_->replies[next_received_ - 1].Clear();
  if (next_received_ == received_count_) {
    const auto received = ReceiveBatch();
    if (!received) return received.error();
    if (!*received) return nullptr;
  }
  const ReplyFrame& frame = buffers_->replies[next_received_];
  const std::size_t size = buffers_->reply_sizes[next_received_++];
  if (size == 0) return Gone();
  if (in_flight_.empty())
    return Error(ErrorCode::kCorrupt, "the worker claviger-token sent a reply to no call");
  if (const Status checked = CheckReply(frame, size, in_flight_.front().expected); !checked) {
    return checked.error().WithContext("the worker claviger-token answered garbage");
  }
  in_flight_.pop_front();
  return &frame;
}

Result<bool> WorkerLink::ReceiveBatch() {
  received_count_ = next_received_ = 0;
  std::array<iovec, kBatch> parts;
  std::array<mmsghdr, kBatch> messages{};
  for (std::size_t i = 0; i < kBatch; ++i) {
    parts[i] = {&buffers_->replies[i], sizeof(ReplyFrame)};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  int received = 0;
  do {
    received = recvmmsg(process_.socket(), messages.data(), kBatch, MSG_DONTWAIT | MSG_TRUNC, nullptr);
  } while (received < 0 && errno == EINTR);
  if (received < 0 && errno == EAGAIN) return false;
  if (received <= 0) return Gone();
  received_count_ = static_cast<std::size_t>(received);
  for (std::size_t i = 0; i < received_count_; ++i) buffers_->reply_sizes[i] = messages[i].msg_len;
  NoteServiceTime(received_count_);
  return true;
}

// Replies that came together took the time since the last ones in equal parts.
void WorkerLink::NoteServiceTime(std::size_t replies) {
  const SteadyTime now = SteadyNow();
  if (!in_flight_.empty()) {
    const auto each = (now - waiting_since()) / static_cast<SteadyTime::rep>(replies);
    for (std::size_t i = 0; i < replies; ++i) service_time_ = (7 * service_time_ + each) / 8;
  }
  last_reply_ = now;
}

Status WorkerLink::Exchange(const RequestFrame& request, ReplyFrame& reply,
                            std::chrono::milliseconds deadline, Mailbox& mailbox) {
  RequestFrame& frame = NextFrame();
  frame.op = request.op;
  frame.purpose = request.purpose;
  frame.generation = request.generation;
  frame.SetPayload(request.payload());
  Stage();
  if (Flush() != Flushed::kAll) return Gone();
  const SteadyTime end = SteadyNow() + deadline;
  while (true) {
    const auto received = Receive();
    if (!received) return received.error();
    if (*received != nullptr) {
      reply.code = (*received)->code;
      reply.ckr = (*received)->ckr;
      reply.SetPayload((*received)->payload());
      return Ok();
    }
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
