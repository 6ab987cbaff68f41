// One thread that serves its share of the connections.
#pragma once

#include <sys/epoll.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "daemon/server/acceptor.h"
#include "daemon/server/adaptive_spin.h"
#include "daemon/server/connection.h"
#include "daemon/server/credential_connection.h"
#include "daemon/server/event_source.h"
#include "daemon/server/mailbox.h"
#include "daemon/server/server_state.h"

namespace claviger::server {

// Level-triggered epoll. Thread-compatible, but for what happens on its own thread.
class EventLoop final : private EventSource {
 public:
  // Watches `sockets`, which outlive the thread. `state` outlives the loop.
  static Result<std::unique_ptr<EventLoop>> Make(ServerState& state, std::span<const Listening> sockets,
                                                 std::unique_ptr<protocol::Dispatcher> dispatcher);
  ~EventLoop() override;  // stops

  const std::shared_ptr<LoopMailbox>& mailbox() const { return context_.mailbox; }
  // Starts the thread. `loops`: the mailboxes of all loops, to share connections out to; this one's is at
  // `index`.
  Status Start(std::vector<std::shared_ptr<LoopMailbox>> loops, std::size_t index);
  // Whether there is a thread, running or ended.
  bool started() const { return thread_.joinable(); }
  // Asks the thread to call `answer`.
  void Ask(std::function<void()> answer) { context_.mailbox->Post(std::move(answer)); }
  // Asks the thread to accept no more, and to call `done` then.
  void RequestStopAccepting(std::function<void()> done);
  // Asks the thread to end its connections as Server::Stop says, and returns at once.
  void RequestStop() { context_.mailbox->Stop(); }
  void Join();

 private:
  EventLoop(ServerState& state, std::unique_ptr<protocol::Dispatcher> dispatcher, UniqueFd epoll,
            std::shared_ptr<LoopMailbox> mailbox);

  void OnEvents(std::uint32_t events) override;  // of the mailbox

  void Run();
  // Waits for events, and takes the time. How many there are; none or -1: something else is due.
  int Wait(std::span<epoll_event> events);
  // The same without sleeping, for as long as that pays; none as well when it does not.
  int WaitAwake(std::span<epoll_event> events);
  SteadyTime NextDue() const;
  int Timeout() const;
  bool IsFinished() const;
  void Place(Accepted accepted);
  void MoveMisplaced();
  void Adopt(Accepted accepted);
  bool AdoptCaller(std::uint64_t id, Accepted&& accepted);
  bool AdoptCredential(std::uint64_t id, Accepted&& accepted);
  void TakeDeliveries();
  void BeginStop();
  void Sweep();
  void DestroyClosed();

  ServerState& state_;
  const std::unique_ptr<protocol::Dispatcher> dispatcher_;
  const UniqueFd epoll_;
  LoopContext context_;
  Acceptor acceptor_;
  std::vector<std::shared_ptr<LoopMailbox>> loops_;
  std::unordered_map<std::uint64_t, Connection> connections_;
  std::unordered_map<std::uint64_t, CredentialConnection>
      credentials_;        // ids as in connections_, never the same
  std::size_t index_ = 0;  // in loops_
  std::size_t placed_ =
      0;  // the number of loops for which connections were last placed; 0: some are still misplaced
  std::uint64_t next_id_ = 1;
  LoopMailbox::Content content_;        // what was taken from the mailbox last
  std::vector<std::uint64_t> replied_;  // connections to advance after deliveries
  SteadyTime last_sweep_;
  AdaptiveSpin spin_;
  bool stopping_ = false;
  SteadyTime stop_due_ = SteadyTime::max();
  std::thread thread_;
};

}  // namespace claviger::server
