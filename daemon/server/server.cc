#include "daemon/server/server.h"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <thread>
#include <utility>

#include "daemon/server/event_loop.h"
#include "daemon/server/server_state.h"

namespace claviger::server {
namespace {

// Descriptors for everything but connections: listeners, epoll sets, database, token worker, log.
constexpr std::size_t kOtherDescriptors = 64;
constexpr std::size_t kMaxDefaultLoops = 4;

// Makes room for `connections` descriptors, as far as this process may. Returns how many connections there is
// room for.
std::size_t MakeRoomForDescriptors(std::size_t connections) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return connections;
  const rlim_t wanted = std::min<rlim_t>(connections + kOtherDescriptors, limit.rlim_max);
  if (limit.rlim_cur < wanted) {
    rlimit raised = limit;
    raised.rlim_cur = wanted;
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  const std::size_t available = limit.rlim_cur;
  return std::min(connections, available - std::min(available, kOtherDescriptors));
}

std::size_t LoopsToRun(std::size_t configured) {
  if (configured != 0) return configured;
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMaxDefaultLoops);
}

}  // namespace

Server::Server(std::vector<Listening> sockets, std::unique_ptr<ServerState> state)
    : sockets_(std::move(sockets)), state_(std::move(state)) {}

Server::~Server() { Stop(); }

Result<std::unique_ptr<Server>> Server::Start(std::vector<Listening> sockets, const ServerSettings& settings,
                                              const DispatcherFactory& make_dispatcher) {
  const std::size_t loops = LoopsToRun(settings.loops);
  auto state =
      std::make_unique<ServerState>(settings, MakeRoomForDescriptors(settings.max_connections), loops);
  std::unique_ptr<Server> server(new Server(std::move(sockets), std::move(state)));
  std::vector<std::shared_ptr<LoopMailbox>> mailboxes;
  for (std::size_t i = 0; i < loops; ++i) {
    auto loop = EventLoop::Make(*server->state_, server->sockets_, make_dispatcher());
    if (!loop) return loop.error();
    mailboxes.push_back((*loop)->mailbox());
    server->loops_.push_back(std::move(*loop));
  }
  for (std::size_t i = 0; i < loops; ++i) {
    if (auto started = server->loops_[i]->Start(mailboxes, i); !started) return started.error();
  }
  return Result<std::unique_ptr<Server>>(std::move(server));
}

void Server::Ask(std::function<void()> answer) {
  const auto left = std::make_shared<std::atomic<std::size_t>>(loops_.size());
  const auto one_more = [left, answer = std::move(answer)] {
    if (left->fetch_sub(1) == 1) answer();
  };
  for (const auto& loop : loops_) loop->Ask(one_more);
}

void Server::StopAccepting() {
  if (!std::exchange(accepting_, false)) return;
  // Shared, because the last loop may still be in count_down when this returns.
  const auto closed = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(loops_.size()));
  for (const auto& loop : loops_) {
    if (loop->started()) {
      loop->RequestStopAccepting([closed] { closed->count_down(); });
    } else {
      closed->count_down();
    }
  }
  closed->wait();
}

// Two rounds: a peer that is turned away by one loop and tries again must not be accepted by another.
void Server::Stop() {
  StopAccepting();
  for (const auto& loop : loops_) loop->RequestStop();
  for (const auto& loop : loops_) loop->Join();
  sockets_.clear();
}

ServerCounters Server::counters() const {
  const auto read = [](const auto& counter) { return counter.load(std::memory_order_relaxed); };
  ServerCounters counters;
  counters.open = state_->census.open();
  counters.most_open = state_->census.most_open();
  counters.max_open = state_->census.limits().total;
  counters.accepted = read(state_->accepted);
  counters.refused = read(state_->refused);
  counters.closed_by_limit = read(state_->closed_by_limit);
  counters.closed_as_invalid = read(state_->closed_as_invalid);
  return counters;
}

}  // namespace claviger::server
