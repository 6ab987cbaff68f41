// What an epoll event points to.
#pragma once

#include <cstdint>

namespace claviger::server {

// Owner of a descriptor in a loop's epoll set. Used on the loop's thread.
class EventSource {
 public:
  virtual ~EventSource() = default;
  // `events`: EPOLLIN and so on.
  virtual void OnEvents(std::uint32_t events) = 0;
};

}  // namespace claviger::server
