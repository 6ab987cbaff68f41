// A closed loop: each connection sends a batch of requests, waits until all of it is answered, checks every
// answer, and sends the next.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "tests/bench/framing.h"
#include "tests/bench/request_set.h"

namespace claviger::bench {

struct LoadResult {
  std::uint64_t replies = 0;
  double seconds = 0;
  double processor_seconds = 0;           // of this process
  std::vector<std::uint32_t> batches_ns;  // how long each batch took
};

// One thread uses it. What goes wrong ends the program, also the first wrong answer.
class LoadRun {
 public:
  // Connects. `blocking`: of the one connection, which then sleeps in read() as a simple client does. `save`:
  // where replies are written to, or null. What is given must outlive the object.
  LoadRun(const std::string& socket, std::size_t connections, bool blocking, const RequestSet& requests,
          const Framing& framing, std::FILE* save);
  ~LoadRun();
  LoadRun(const LoadRun&) = delete;
  LoadRun& operator=(const LoadRun&) = delete;

  // Every request once.
  LoadResult Once(std::size_t depth);
  // Batches from random places until the time is over.
  LoadResult For(double seconds, std::size_t depth, std::uint64_t seed);

 private:
  using Clock = std::chrono::steady_clock;
  struct Connection;

  LoadResult Go();
  bool SendNext(Connection& connection);
  void Receive(Connection& connection);
  std::size_t TakeReplies(Connection& connection, std::string_view received);
  void FinishBatch(Connection& connection);
  bool NextBatch(Connection& connection);
  std::size_t RandomPlace();

  const RequestSet& requests_;
  const Framing& framing_;
  std::FILE* const save_;
  const bool blocking_;
  UniqueFd epoll_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::string buffer_;

  // Of the current run.
  std::size_t depth_ = 1;
  bool once_ = false;
  std::size_t next_ = 0;  // with once_
  std::uint64_t random_ = 1;
  std::size_t busy_ = 0;  // connections with a batch that is not answered yet
  Clock::time_point stop_, now_;
  LoadResult result_;
};

}  // namespace claviger::bench
