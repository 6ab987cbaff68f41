#include "daemon/server/event_loop.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "daemon/server/peer_credentials.h"

namespace claviger::server {
namespace {

constexpr std::size_t kEventsPerWakeUp = 64;
// Deadlines are met this late at most; all connections are looked at no more often.
constexpr std::chrono::milliseconds kSweepInterval{10};

}  // namespace

Result<std::unique_ptr<EventLoop>> EventLoop::Make(ServerState& state, std::span<const Listening> sockets,
                                                   std::unique_ptr<protocol::Dispatcher> dispatcher) {
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!epoll || !wake) return ErrnoError(ErrorCode::kUnavailable, "make an event loop", errno);
  auto mailbox = std::make_shared<LoopMailbox>(std::move(wake));
  std::unique_ptr<EventLoop> loop(
      new EventLoop(state, std::move(dispatcher), std::move(epoll), std::move(mailbox)));
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = static_cast<EventSource*>(loop.get());
  if (::epoll_ctl(loop->epoll_.get(), EPOLL_CTL_ADD, loop->mailbox()->wake_fd(), &event) != 0) {
    return ErrnoError(ErrorCode::kUnavailable, "watch the mailbox of an event loop", errno);
  }
  if (auto opened = loop->acceptor_.Open(sockets, loop->epoll_.get()); !opened) return opened.error();
  return Result<std::unique_ptr<EventLoop>>(std::move(loop));
}

EventLoop::EventLoop(ServerState& state, std::unique_ptr<protocol::Dispatcher> dispatcher, UniqueFd epoll,
                     std::shared_ptr<LoopMailbox> mailbox)
    : state_(state),
      dispatcher_(std::move(dispatcher)),
      epoll_(std::move(epoll)),
      context_{state, *dispatcher_, epoll_.get(), std::move(mailbox), SteadyNow()},
      acceptor_(state, [this](Accepted accepted) { Place(std::move(accepted)); }),
      last_sweep_(context_.now) {}

EventLoop::~EventLoop() {
  RequestStop();
  Join();
  context_.mailbox->Close();  // of a loop that never ran
}

Status EventLoop::Start(std::vector<std::shared_ptr<LoopMailbox>> loops, std::size_t index) {
  loops_ = std::move(loops);
  index_ = index;
  try {
    thread_ = std::thread([this] { Run(); });
  } catch (const std::system_error& failure) {
    return ErrnoError(ErrorCode::kUnavailable, "start a thread", failure.code().value());
  }
  ::pthread_setname_np(thread_.native_handle(), "loop");
  return Ok();
}

void EventLoop::RequestStopAccepting(std::function<void()> done) {
  context_.mailbox->Post([this, done = std::move(done)] {
    acceptor_.Close();
    done();
  });
}

void EventLoop::Join() {
  if (thread_.joinable()) thread_.join();
}

void EventLoop::Run() {
  clockid_t processor_time{};
  ::pthread_getcpuclockid(::pthread_self(), &processor_time);
  state_.load_watch.Add(index_, processor_time, context_.work, context_.mailbox);
  std::array<epoll_event, kEventsPerWakeUp> events;
  while (!IsFinished()) {
    const int count = Wait(events);
    dispatcher_->BeginBatch(context_.now);
    for (int i = 0; i < count; ++i) {
      static_cast<EventSource*>(events[static_cast<std::size_t>(i)].data.ptr)
          ->OnEvents(events[static_cast<std::size_t>(i)].events);
    }
    SendPutOff(context_);
    dispatcher_->EndBatch();
    state_.load_watch.Look(context_.now);
    MoveMisplaced();
    Sweep();
    DestroyClosed();
  }
  state_.load_watch.Remove(index_);
  connections_.clear();
  credentials_.clear();
  context_.mailbox->Close();
}

int EventLoop::Wait(std::span<epoll_event> events) {
  if (const int count = WaitAwake(events); count != 0) return count;
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), Timeout());
  context_.now = SteadyNow();
  return count;
}

int EventLoop::WaitAwake(std::span<epoll_event> events) {
  const bool always = state_.settings.busy_poll.count() != 0;
  if (!always && !spin_.Due()) return 0;
  const SteadyTime begin = SteadyNow();
  const SteadyTime until = always ? context_.now + state_.settings.busy_poll : begin + AdaptiveSpin::kLongest;
  const SteadyTime end = std::min(until, NextDue());
  int count = 0;
  context_.now = begin;
  while (count == 0 && context_.now < end) {
    count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
    context_.now = SteadyNow();
  }
  context_.work.CountWaitingAwake(context_.now - begin);
  if (!always) spin_.Note(count != 0);
  return count;
}

SteadyTime EventLoop::NextDue() const {
  return std::min({context_.next_deadline, acceptor_.next_deadline(), stop_due_});
}

bool EventLoop::IsFinished() const {
  return stopping_ && ((connections_.empty() && credentials_.empty()) || context_.now >= stop_due_);
}

int EventLoop::Timeout() const {
  const SteadyTime due = NextDue();
  if (due == SteadyTime::max()) return -1;
  const auto wait = std::max(due, last_sweep_ + kSweepInterval) - SteadyNow();
  constexpr std::chrono::hours kLongest{1};
  return static_cast<int>(
      std::clamp<std::chrono::milliseconds>(std::chrono::ceil<std::chrono::milliseconds>(wait),
                                            std::chrono::milliseconds(0), kLongest)
          .count());
}

void EventLoop::Sweep() {
  if (context_.now < last_sweep_ + kSweepInterval) return;
  if (context_.now < std::min(context_.next_deadline, acceptor_.next_deadline())) return;
  last_sweep_ = context_.now;
  acceptor_.OnDeadline(context_.now);
  context_.next_deadline = SteadyTime::max();
  const auto look_at = [this](auto& connections) {
    for (auto& [id, connection] : connections) {
      if (connection.next_deadline() <= context_.now) connection.OnDeadline();
      context_.next_deadline = std::min(context_.next_deadline, connection.next_deadline());
    }
  };
  look_at(connections_);
  look_at(credentials_);
}

// Keeps a new connection, or hands it to the loop that it belongs to.
void EventLoop::Place(Accepted accepted) {
  accepted.ordinal = state_.load_watch.NextOrdinal();
  const std::size_t owner = accepted.ordinal % state_.load_watch.active();
  if (owner == index_ || accepted.face == protocol::Face::kCredential) return Adopt(std::move(accepted));
  loops_[owner]->HandOver(std::move(accepted));
}

// After a change of the number of loops that connections are shared out to: hands those over that belong to
// others, each once nothing is under way on it.
void EventLoop::MoveMisplaced() {
  const std::size_t active = state_.load_watch.active();
  if (placed_ == active || stopping_) return;
  bool all_moved = true;
  for (auto& [id, connection] : connections_) {
    const std::size_t owner = connection.ordinal() % active;
    if (owner == index_) continue;
    if (auto moved = connection.Release()) {
      loops_[owner]->HandOver(std::move(*moved));
    } else {
      all_moved = false;
    }
  }
  placed_ = all_moved ? active : 0;
}

void EventLoop::Adopt(Accepted accepted) {
  const bool moves = accepted.session != nullptr;
  const std::uint64_t id = next_id_++;
  const auto adopt =
      accepted.face == protocol::Face::kCredential ? &EventLoop::AdoptCredential : &EventLoop::AdoptCaller;
  const bool adopted = !stopping_ && (this->*adopt)(id, std::move(accepted));
  if (!moves) Count(adopted ? state_.accepted : state_.refused);
}

bool EventLoop::AdoptCaller(std::uint64_t id, Accepted&& accepted) {
  std::unique_ptr<protocol::Session> session = std::move(accepted.session);
  if (!session) {
    auto peer = ReadPeer(accepted.fd.get());
    if (!peer) return false;
    auto made = dispatcher_->Accept(std::move(*peer), accepted.face);
    if (!made) return false;
    session = std::move(*made);
  }
  const auto place =
      connections_.try_emplace(id, context_, id, std::move(accepted), std::move(session)).first;
  if (place->second.Open()) return true;
  connections_.erase(place);
  return false;
}

bool EventLoop::AdoptCredential(std::uint64_t id, Accepted&& accepted) {
  auto peer = ReadPeer(accepted.fd.get());
  if (!peer) return false;
  protocol::CredentialRequest request;
  request.address = ReadPeerAddress(accepted.fd.get());
  request.control_group = ReadControlGroup(peer->pid);
  request.peer = std::move(*peer);
  const auto place = credentials_.try_emplace(id, context_, id, std::move(accepted)).first;
  if (!place->second.Open()) {
    credentials_.erase(place);
    return false;
  }
  dispatcher_->HandOver(std::move(request), protocol::Ticket(context_.mailbox, id, 0));
  return true;
}

void EventLoop::OnEvents(std::uint32_t) {
  context_.mailbox->Take(content_);
  TakeDeliveries();
  for (Accepted& accepted : content_.accepted) Adopt(std::move(accepted));
  for (const auto& task : content_.tasks) task();
  if (content_.stop && !stopping_) BeginStop();
}

void EventLoop::TakeDeliveries() {
  replied_.clear();
  for (Delivery& delivery : content_.deliveries) {
    const auto place = connections_.find(delivery.connection);
    if (place == connections_.end()) {
      const auto credential = credentials_.find(delivery.connection);
      if (credential != credentials_.end()) credential->second.Complete(std::move(delivery.reply));
      continue;
    }
    place->second.Complete(delivery.sequence, std::move(delivery.reply));
    replied_.push_back(delivery.connection);
  }
  // Once per connection, however many of its replies have come.
  std::sort(replied_.begin(), replied_.end());
  replied_.erase(std::unique(replied_.begin(), replied_.end()), replied_.end());
  for (const std::uint64_t id : replied_) connections_.find(id)->second.Advance();
}

void EventLoop::BeginStop() {
  stopping_ = true;
  stop_due_ = context_.now + state_.settings.drain_deadline;
  acceptor_.Close();
  for (auto& [id, connection] : connections_) connection.Drain();
  for (auto& [id, connection] : credentials_) connection.Drain();
}

// Only once all events of this wake-up are through: some may still point to them.
void EventLoop::DestroyClosed() {
  for (const std::uint64_t id : context_.closed) {
    if (connections_.erase(id) == 0) credentials_.erase(id);
  }
  context_.closed.clear();
}

}  // namespace claviger::server
