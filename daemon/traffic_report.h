// Tells the log what the server turned away, since the last time it was asked.
#pragma once

#include "daemon/api/authority.h"
#include "daemon/server/server.h"

namespace claviger {

// Thread-compatible; lives on the main thread. Both references must outlive it.
class TrafficReport {
 public:
  TrafficReport(const server::Server& server, const api::Authority& authority)
      : server_(server), authority_(authority), told_(server.counters()) {}
  // One event for all connections that were refused or closed for what they sent; none if there were none.
  void Tell();

 private:
  const server::Server& server_;
  const api::Authority& authority_;
  server::ServerCounters told_;
};

}  // namespace claviger
