#include "daemon/server/connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace claviger::server {
namespace {

using protocol::Disposition;

constexpr std::size_t kInputStorageBytes = 64 * 1024;
constexpr std::size_t kReceiveBytes = 16 * 1024;     // room made at least for one recv
constexpr std::size_t kInputPerWakeUp = 256 * 1024;  // then the others have their turn
constexpr std::size_t kMostPutOff = 1024;            // bytes of replies that wait for the end of the wake-up
constexpr std::size_t kMaxOutputStorageBytes = 64 * 1024;  // storage that has grown beyond is not kept

std::size_t MaxFrameBytes(const ServerSettings& settings, protocol::Face face) {
  return face == protocol::Face::kAdmin ? settings.max_admin_frame_bytes : settings.max_verify_frame_bytes;
}

}  // namespace

// On the stack of Dispatch.
class Connection::Offer final : public protocol::TicketOffer {
 public:
  explicit Offer(Connection& connection) : connection_(connection) {}

  protocol::Ticket Take(SteadyTime deadline, WipingBuffer fallback) override {
    taken_ = true;
    return protocol::Ticket(connection_.loop_.mailbox, connection_.id_,
                            connection_.replies_.Push(deadline, std::move(fallback)));
  }
  bool taken() const { return taken_; }

 private:
  Connection& connection_;
  bool taken_ = false;
};

Connection::Connection(LoopContext& loop, std::uint64_t id, Accepted accepted,
                       std::unique_ptr<protocol::Session> session)
    : loop_(loop),
      id_(id),
      face_(accepted.face),
      fd_(std::move(accepted.fd)),
      admission_(std::move(accepted.admission)),
      ordinal_(accepted.ordinal),
      session_(std::move(session)),
      input_(MaxFrameBytes(loop.state.settings, face_)) {}

Connection::~Connection() { loop_.state.held_output.fetch_sub(accounted_, std::memory_order_relaxed); }

bool Connection::Open() {
  epoll_event event{};
  event.events = watched_ = EPOLLIN;
  event.data.ptr = static_cast<EventSource*>(this);
  return ::epoll_ctl(loop_.epoll, EPOLL_CTL_ADD, fd_.get(), &event) == 0;
}

void Connection::OnEvents(std::uint32_t events) {
  if (closed()) return;
  if ((watched_ & EPOLLIN) != 0 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
    Read();
  } else if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
    Close();  // nobody is there to read the replies
  } else {
    Advance();
  }
}

void Connection::Read() {
  BorrowOutput();
  std::size_t budget = kInputPerWakeUp;
  while (!closed() && !paused_ && !ending_) {
    if (input_.empty()) {
      if (loop_.input_storage.empty())
        loop_.input_storage.resize(kInputStorageBytes + protocol::kFramePadding);
      input_.Lend(std::exchange(loop_.input_storage, WipingBuffer()));
    }
    const std::span<char> room = input_.Room(kReceiveBytes);
    const ssize_t received = ::recv(fd_.get(), room.data(), room.size(), 0);
    if (received <= 0) {
      if (received < 0 && errno == EINTR) continue;
      if (received == 0) End();  // half-closed at least: what was asked is still answered
      if (received < 0 && errno != EAGAIN) Close();
      break;
    }
    const auto bytes = static_cast<std::size_t>(received);
    input_.Commit(bytes);
    Pump();
    if (bytes < room.size() || bytes >= budget) break;
    budget -= bytes;
  }
  if (closed() || ending_ || paused_ || unsent() == 0) return FinishTurn();
  SettleInput();
  loop_.unsent.push_back(this);
}

void Connection::FinishTurn() {
  Flush();
  Settle();
}

void Connection::Advance() {
  if (closed()) return;
  BorrowOutput();
  Flush();
  if (paused_ && HasRoomAgain()) {
    paused_ = false;
    Pump();
    Flush();
  }
  Settle();
}

bool Connection::IsFull() const {
  return replies_.size() >= loop_.state.settings.max_pending_replies || held() >= loop_.state.OutputLimit();
}

bool Connection::HasRoomAgain() const {
  return replies_.size() <= loop_.state.settings.max_pending_replies / 2 &&
         held() <= loop_.state.OutputLimit() / 2;
}

// Dispatches and sends in turn until no whole frame is left, or the peer has to read first. Few replies are
// left to be sent behind those of the wake-up's other connections: who asks on several of them is woken once
// for all, and comes back with all.
void Connection::Pump() {
  bool stopped = false;
  do {
    stopped = DispatchBuffered();
    if (stopped || unsent() > kMostPutOff || !replies_.empty()) {
      SendPutOff(loop_);  // few do not wait for many: this peer may have sent thousands of calls
      Flush();
    }
  } while (stopped && !closed() && !ending_ && !IsFull());
  paused_ = stopped && !closed() && !ending_;
}

// True if it stopped with more to do, because too much is outstanding.
bool Connection::DispatchBuffered() {
  std::array<std::span<char>, protocol::kMaxBatchFrames> batch;
  std::size_t most =
      batch.size();  // less while few can be answered together: then frames are looked at in vain
  while (!ending_) {
    if (IsFull()) return true;
    std::size_t count = 0;
    while (count < most) {
      const auto frame = input_.NextFrame();
      if (!frame) break;
      batch[count++] = *frame;
    }
    if (count == 0) {
      if (input_.too_long()) EndByLimit();
      return false;
    }
    frame_completed_ = true;
    loop_.work.frames.Add(count);
    const std::span<const std::span<char>> frames = std::span(batch).first(count);
    const std::size_t answered = AnswerTogether(frames);
    most = answered == count ? batch.size() : std::max<std::size_t>(1, answered);
    if (answered == count) continue;
    if (answered + 1 < count) {
      input_.PutBack(frames[answered + 1]);
      loop_.work.frames.Add(answered + 1 - count);  // wraps: they come again
    }
    // The one that is not for all of them; unless they have stopped because too much is outstanding.
    if (IsFull()) {
      input_.PutBack(frames[answered]);
      return true;
    }
    Dispatch(frames[answered]);
  }
  return false;
}

std::size_t Connection::AnswerTogether(std::span<const std::span<char>> frames) {
  const bool behind = !replies_.empty();
  WipingBuffer& out = behind ? replies_.Tail() : output_;
  const std::size_t before = out.size();
  const std::size_t limit = loop_.state.OutputLimit();
  const std::size_t answered =
      loop_.dispatcher.AnswerTogether(*session_, frames, out, limit - std::min(limit, held()));
  if (behind) replies_.NoteTail(out.size() - before);
  return answered;
}

void SendPutOff(LoopContext& loop) {
  for (Connection* const connection : loop.unsent) connection->FinishTurn();
  loop.unsent.clear();
}

void Connection::Dispatch(std::span<char> frame) {
  SendPutOff(loop_);  // what is answered from memory does not wait for what takes longer
  const bool behind = !replies_.empty();
  WipingBuffer& out = behind ? replies_.Tail() : output_;
  const std::size_t before = out.size();
  Offer offer(*this);
  const Disposition disposition = loop_.dispatcher.Dispatch(*session_, frame, out, offer);
  if (behind) replies_.NoteTail(out.size() - before);
  // Any other answer with a ticket, or kPending without one, would bring the replies out of order.
  if (disposition == Disposition::kClose || offer.taken() != (disposition == Disposition::kPending))
    EndAsInvalid();
}

void Connection::Flush() {
  if (closed()) return;
  if (!replies_.MoveReady(output_)) {
    replies_.Clear();
    EndAsInvalid();
  }
  while (unsent() != 0) {
    const ssize_t sent = ::send(fd_.get(), output_.data() + sent_, unsent(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno != EAGAIN) return Close();
    if (sent < 0) return;
    sent_ += static_cast<std::size_t>(sent);
    output_moved_ = true;
  }
  Wipe(std::span(output_));
  output_.clear();
  sent_ = 0;
}

void Connection::End() { ending_ = true; }

void Connection::EndAsInvalid() {
  if (!std::exchange(ending_, true)) Count(loop_.state.closed_as_invalid);
}

void Connection::EndByLimit() {
  if (!std::exchange(ending_, true)) Count(loop_.state.closed_by_limit);
}

void Connection::Close() {
  if (closed()) return;
  // Closing alone would do neither while a child that is being spawned still has a copy of the descriptor: an
  // event could then point to this connection after its end, and the peer would wait for the end in vain.
  ::epoll_ctl(loop_.epoll, EPOLL_CTL_DEL, fd_.get(), nullptr);
  ::shutdown(fd_.get(), SHUT_RDWR);
  fd_.Reset();
  loop_.closed.push_back(id_);
}

std::optional<Accepted> Connection::Release() {
  if (closed() || ending_ || paused_ || !input_.empty() || unsent() != 0 || !replies_.empty())
    return std::nullopt;
  if (::epoll_ctl(loop_.epoll, EPOLL_CTL_DEL, fd_.get(), nullptr) != 0) return std::nullopt;
  loop_.closed.push_back(id_);
  return Accepted{std::exchange(fd_, UniqueFd()), face_, std::move(admission_), ordinal_,
                  std::move(session_)};
}

void Connection::Complete(std::uint64_t sequence, std::optional<WipingBuffer> reply) {
  replies_.Complete(sequence, std::move(reply));
}

void Connection::Drain() {
  if (closed()) return;
  End();
  paused_ = false;
  Advance();
}

void Connection::OnDeadline() {
  if (closed()) return;
  if (output_due_ <= loop_.now) {
    if (!ending_) Count(loop_.state.closed_by_limit);
    return Close();
  }
  if (frame_due_ <= loop_.now) EndByLimit();
  replies_.Expire(loop_.now);
  Advance();
}

void Connection::BorrowOutput() {
  if (!output_.empty() || output_is_lent_) return;
  if (!loop_.output_storage.empty()) {
    output_.swap(loop_.output_storage.back());
    loop_.output_storage.pop_back();
  }
  output_is_lent_ = true;
}

// Ends each turn: gives back what was lent, closes if all is done, and sets what is watched and when it is
// due.
void Connection::Settle() {
  SettleInput();
  if (!closed() && ending_ && unsent() == 0 && replies_.empty()) Close();
  SettleOutput();
  Account();
  if (closed()) return;
  SettleDeadlines();
  Watch();
}

void Connection::SettleInput() {
  WipingBuffer input = ending_ || closed() ? input_.Clear() : input_.Settle();
  if (!input.empty()) loop_.input_storage = std::move(input);
}

void Connection::SettleOutput() {
  if (!output_is_lent_) {
    if (output_.empty()) {
      output_ = WipingBuffer();
    } else if (sent_ > output_.size() / 2) {
      output_.erase(output_.begin(), output_.begin() + static_cast<std::ptrdiff_t>(sent_));
      sent_ = 0;
    }
    return;
  }
  output_is_lent_ = false;
  WipingBuffer rest;
  if (!closed() && unsent() != 0)
    rest.assign(output_.begin() + static_cast<std::ptrdiff_t>(sent_), output_.end());
  Wipe(std::span(output_));
  output_.clear();
  sent_ = 0;
  if (output_.capacity() <= kMaxOutputStorageBytes) loop_.output_storage.push_back(std::move(output_));
  output_ = std::move(rest);
}

void Connection::Account() {
  const std::size_t now_held = closed() ? 0 : held();
  if (now_held == accounted_) return;
  loop_.state.held_output.fetch_add(now_held - accounted_,
                                    std::memory_order_relaxed);  // wraps when it shrinks
  accounted_ = now_held;
}

void Connection::SettleDeadlines() {
  const ServerSettings& settings = loop_.state.settings;
  if (input_.empty() || paused_ || ending_) {
    frame_due_ = SteadyTime::max();
  } else if (frame_completed_ || frame_due_ == SteadyTime::max()) {
    frame_due_ = loop_.now + settings.frame_deadline;
  }
  if (unsent() == 0) {
    output_due_ = SteadyTime::max();
  } else if (output_moved_ || output_due_ == SteadyTime::max()) {
    output_due_ = loop_.now + settings.output_deadline;
  }
  frame_completed_ = output_moved_ = false;
  next_deadline_ = std::min({frame_due_, output_due_, replies_.next_deadline()});
  loop_.next_deadline = std::min(loop_.next_deadline, next_deadline_);
}

void Connection::Watch() {
  const std::uint32_t wanted = (paused_ || ending_ ? 0U : EPOLLIN) | (unsent() == 0 ? 0U : EPOLLOUT);
  if (wanted == watched_) return;
  epoll_event event{};
  event.events = wanted;
  event.data.ptr = static_cast<EventSource*>(this);
  if (::epoll_ctl(loop_.epoll, EPOLL_CTL_MOD, fd_.get(), &event) != 0) return Close();
  watched_ = wanted;
}

}  // namespace claviger::server
