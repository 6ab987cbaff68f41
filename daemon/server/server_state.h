// What all loops of one server share.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "daemon/server/census.h"
#include "daemon/server/load_watch.h"
#include "daemon/server/server.h"

namespace claviger::server {

// Thread-safe. Outlives the loops and their connections.
class ServerState {
 public:
  ServerState(const ServerSettings& server_settings, std::size_t max_open, std::size_t loops)
      : settings(server_settings),
        census({max_open, server_settings.reserved_for_admin, server_settings.max_connections_per_uid}),
        load_watch(std::clamp<std::size_t>(server_settings.awake_loops, 1, loops), loops, census) {}

  // How many bytes of replies one connection may hold before it is not read from.
  std::size_t OutputLimit() const {
    return held_output.load(std::memory_order_relaxed) > settings.max_output_bytes_in_total
               ? settings.max_output_bytes_when_crowded
               : settings.max_output_bytes;
  }

  const ServerSettings settings;
  Census census;
  LoadWatch load_watch;
  std::atomic<std::size_t> held_output{
      0};  // bytes of replies that wait for their peers or for earlier replies
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> closed_by_limit{0};
  std::atomic<std::uint64_t> closed_as_invalid{0};
};

inline void Count(std::atomic<std::uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

}  // namespace claviger::server
