#include "daemon/server/mailbox.h"

#include <unistd.h>

#include <utility>

namespace claviger::server {

void LoopMailbox::Wake() const {
  const std::uint64_t one = 1;
  // Fails only if the counter is at its end, and then it is readable anyway.
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof(one));
}

void LoopMailbox::Deliver(std::uint64_t connection, std::uint64_t sequence,
                          std::optional<WipingBuffer> reply) {
  {
    const MutexLock lock(mutex_);
    if (closed_) return;
    content_.deliveries.push_back({connection, sequence, std::move(reply)});
    if (std::exchange(signalled_, true)) return;
  }
  Wake();
}

void LoopMailbox::HandOver(Accepted accepted) {
  {
    const MutexLock lock(mutex_);
    if (closed_) return;
    content_.accepted.push_back(std::move(accepted));
    if (std::exchange(signalled_, true)) return;
  }
  Wake();
}

void LoopMailbox::Post(std::function<void()> task) {
  {
    const MutexLock lock(mutex_);
    if (closed_) return;
    content_.tasks.push_back(std::move(task));
    if (std::exchange(signalled_, true)) return;
  }
  Wake();
}

void LoopMailbox::Stop() {
  {
    const MutexLock lock(mutex_);
    content_.stop = true;
    if (std::exchange(signalled_, true)) return;
  }
  Wake();
}

void LoopMailbox::Take(Content& content) {
  content.deliveries.clear();
  content.accepted.clear();
  content.tasks.clear();
  const MutexLock lock(mutex_);
  std::swap(content, content_);
  content_.stop = content.stop;  // once true, it stays
  if (std::exchange(signalled_, false)) {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t taken = ::read(wake_.get(), &count, sizeof(count));
  }
}

void LoopMailbox::Close() {
  Content dropped;
  const MutexLock lock(mutex_);
  closed_ = true;
  std::swap(dropped, content_);
}

}  // namespace claviger::server
