// The socket server: moves frames between peers and dispatchers, within limits. Knows no method.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "daemon/server/listener.h"
#include "protocol/dispatcher.h"
#include "protocol/limits.h"

namespace claviger::server {

// The limits are those of protocol/limits.h; they are settings so that tests can reach them.
struct ServerSettings {
  std::size_t loops = 0;  // threads; 0 = number of cores, at most 4
  std::size_t awake_loops =
      1;  // how many of them share the connections at first; then as many as the load needs
  std::chrono::milliseconds busy_poll{
      0};  // after its last event a loop looks for more so long before it sleeps
  std::size_t max_connections = protocol::kMaxConnections;
  std::size_t max_connections_per_uid = protocol::kMaxConnectionsPerUid;
  std::size_t reserved_for_admin = protocol::kConnectionsReservedForAdmin;  // of max_connections
  std::size_t max_verify_frame_bytes = protocol::kMaxVerifyFrameBytes;
  std::size_t max_admin_frame_bytes = protocol::kMaxAdminFrameBytes;
  std::size_t max_pending_replies = protocol::kMaxPendingRepliesPerConnection;
  std::size_t max_output_bytes = protocol::kMaxOutputBytesPerConnection;
  std::size_t max_output_bytes_in_total = protocol::kMaxOutputBytesInTotal;
  std::size_t max_output_bytes_when_crowded = protocol::kMaxOutputBytesWhenCrowded;
  std::chrono::milliseconds frame_deadline = protocol::kFrameDeadline;
  std::chrono::milliseconds output_deadline = protocol::kOutputDeadline;
  std::chrono::milliseconds drain_deadline{2000};  // what Stop() waits at most for outstanding replies
};

// One moment's numbers; each is right by itself, together they may be a moment apart.
struct ServerCounters {
  std::size_t open = 0;        // connections now
  std::size_t most_open = 0;   // the most there have been at once
  std::size_t max_open = 0;    // the limit: max_connections, or what RLIMIT_NOFILE leaves for connections
  std::uint64_t accepted = 0;  // since the start, and served
  std::uint64_t refused = 0;   // closed at once: limits on connections, no descriptor free, not let in
  std::uint64_t closed_by_limit = 0;    // frame too long or too slow, output not read in time
  std::uint64_t closed_as_invalid = 0;  // the dispatcher asked for it, or a ticket was dropped
};

// Called by Start, on its caller's thread, once per loop.
using DispatcherFactory = std::function<std::unique_ptr<protocol::Dispatcher>()>;

class ServerState;
class EventLoop;

// Thread-safe, but for StopAccepting, Stop and the destructor, which one thread calls.
class Server {
 public:
  // Serves from the return on. Raises this process's soft limit of descriptors, as far as the hard one
  // allows, to what max_connections needs. kUnavailable if the kernel refuses threads or descriptors.
  static Result<std::unique_ptr<Server>> Start(std::vector<Listening> sockets, const ServerSettings& settings,
                                               const DispatcherFactory& make_dispatcher);
  Server(const Server&) = delete;
  ~Server();  // stops

  // Calls `answer` once each loop's thread has got round to it, on the thread of the last. Not after Stop.
  void Ask(std::function<void()> answer);

  // Accepts no more, on any loop: whoever connects from now on waits in the queue of the listening socket,
  // for the next process that is handed it. Waits until that is so.
  void StopAccepting();
  // StopAccepting; then reads no more, waits up to drain_deadline for tickets and for peers to read their
  // replies, closes all connections and joins the threads. A call that was read is answered; one that was not
  // is not carried out, and its peer sees the end before any byte of a reply. The dispatchers live until the
  // destructor. Replies to tickets that are still out do nothing. A second call does nothing.
  void Stop();

  ServerCounters counters() const;

 private:
  Server(std::vector<Listening> sockets, std::unique_ptr<ServerState> state);

  std::vector<Listening> sockets_;
  std::unique_ptr<ServerState> state_;
  std::vector<std::unique_ptr<EventLoop>> loops_;
  bool accepting_ = true;
};

}  // namespace claviger::server
