// How other threads reach a loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "daemon/server/census.h"
#include "protocol/dispatcher.h"

namespace claviger::server {

// A connected socket that has been let in, or one that moves from loop to loop.
struct Accepted {
  UniqueFd fd;
  protocol::Face face;
  Admission admission;
  std::uint64_t ordinal = 0;                     // LoadWatch's
  std::unique_ptr<protocol::Session> session{};  // of one that moves
};

struct Delivery {
  std::uint64_t connection;
  std::uint64_t sequence;
  std::optional<WipingBuffer> reply;  // nullopt: there will be none
};

// Thread-safe. Shared with the tickets, so that it can outlive its loop; what comes after Close is dropped.
class LoopMailbox final : public protocol::Ticket::Mailbox {
 public:
  struct Content {
    std::vector<Delivery> deliveries;
    std::vector<Accepted> accepted;
    std::vector<std::function<void()>> tasks;
    bool stop = false;
  };

  // `wake`: an eventfd, readable once there is something to take.
  explicit LoopMailbox(UniqueFd wake) : wake_(std::move(wake)) {}

  void Deliver(std::uint64_t connection, std::uint64_t sequence, std::optional<WipingBuffer> reply) override;
  void HandOver(Accepted accepted);
  // `task` will run on the loop's thread, after what has come before it.
  void Post(std::function<void()> task);
  void Stop();

  int wake_fd() const { return wake_.get(); }
  // Replaces what `content` holds with what has come since the last time; reuses its memory.
  void Take(Content& content);
  void Close();

 private:
  void Wake() const;

  const UniqueFd wake_;
  Mutex mutex_;
  Content content_ GUARDED_BY(mutex_);
  bool signalled_ GUARDED_BY(mutex_) = false;
  bool closed_ GUARDED_BY(mutex_) = false;
};

}  // namespace claviger::server
