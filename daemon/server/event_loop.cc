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
// A loop hands connections over only once it has so many more than another: a few are served best by one
// thread that stays awake.
constexpr std::size_t kImbalance = 8;

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

Status EventLoop::Start(std::vector<std::shared_ptr<LoopMailbox>> loops) {
  loops_ = std::move(loops);
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
  std::array<epoll_event, kEventsPerWakeUp> events;
  while (!IsFinished()) {
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), Timeout());
    context_.now = SteadyNow();
    dispatcher_->BeginBatch(context_.now);
    for (int i = 0; i < count; ++i) {
      static_cast<EventSource*>(events[static_cast<std::size_t>(i)].data.ptr)
          ->OnEvents(events[static_cast<std::size_t>(i)].events);
    }
    Sweep();
    DestroyClosed();
  }
  connections_.clear();
  credentials_.clear();
  context_.mailbox->Close();
}

bool EventLoop::IsFinished() const {
  return stopping_ && ((connections_.empty() && credentials_.empty()) || context_.now >= stop_due_);
}

int EventLoop::Timeout() const {
  const SteadyTime due = std::min({context_.next_deadline, acceptor_.next_deadline(), stop_due_});
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

// Keeps a new connection, or hands it to a loop that has clearly fewer.
void EventLoop::Place(Accepted accepted) {
  const auto load = [](const auto& mailbox) { return mailbox->load.load(std::memory_order_relaxed); };
  const auto least = std::min_element(loops_.begin(), loops_.end(),
                                      [&](const auto& a, const auto& b) { return load(a) < load(b); });
  const bool keep = load(context_.mailbox) < load(*least) + kImbalance;
  const auto& chosen = keep ? context_.mailbox : *least;
  chosen->load.fetch_add(1, std::memory_order_relaxed);
  if (keep) {
    Adopt(std::move(accepted));
  } else {
    chosen->HandOver(std::move(accepted));
  }
}

void EventLoop::Adopt(Accepted accepted) {
  const std::uint64_t id = next_id_++;
  auto peer = ReadPeer(accepted.fd.get());
  if (peer && !stopping_) {
    const auto adopt =
        accepted.face == protocol::Face::kCredential ? &EventLoop::AdoptCredential : &EventLoop::AdoptCaller;
    if ((this->*adopt)(id, std::move(*peer), std::move(accepted))) return Count(state_.accepted);
  }
  context_.mailbox->load.fetch_sub(1, std::memory_order_relaxed);
  Count(state_.refused);
}

bool EventLoop::AdoptCaller(std::uint64_t id, protocol::Peer peer, Accepted&& accepted) {
  auto session = dispatcher_->Accept(std::move(peer), accepted.face);
  if (!session) return false;
  const auto place =
      connections_.try_emplace(id, context_, id, std::move(accepted), std::move(*session)).first;
  if (place->second.Open()) return true;
  connections_.erase(place);
  return false;
}

bool EventLoop::AdoptCredential(std::uint64_t id, protocol::Peer peer, Accepted&& accepted) {
  protocol::CredentialRequest request;
  request.address = ReadPeerAddress(accepted.fd.get());
  request.control_group = ReadControlGroup(peer.pid);
  request.peer = std::move(peer);
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
    if (connections_.erase(id) + credentials_.erase(id) != 0)
      context_.mailbox->load.fetch_sub(1, std::memory_order_relaxed);
  }
  context_.closed.clear();
}

}  // namespace claviger::server
