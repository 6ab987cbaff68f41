// Tells the log what the server turned away, since the last time it was asked.
#pragma once

#include "daemon/server/server.h"

namespace claviger {

// Thread-compatible; lives on the main thread. `server` must outlive it.
class TrafficReport {
 public:
  explicit TrafficReport(const server::Server& server) : server_(server), told_(server.counters()) {}
  // One line for all connections that were refused or closed for what they sent; none if there were none.
  void Tell();

 private:
  const server::Server& server_;
  server::ServerCounters told_;
};

}  // namespace claviger
