// What other threads leave for the client's thread: calls, commands, and the wish to stop.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "hsm/call_batch.h"
#include "hsm/wakeup.h"

namespace claviger::hsm {

// Thread-safe. Everything that is left is taken by the client's thread, in order.
class Mailbox {
 public:
  using Command = std::function<void()>;

  bool valid() const { return wakeup_.valid(); }
  // Readable when there is something to take. Only the client's thread waits for it and drains it.
  Wakeup& wakeup() { return wakeup_; }

  // The error of Close if calls are not accepted now, kBusy if too many wait; the batch's callback is then
  // not called.
  Status Submit(std::shared_ptr<CallBatch> batch) EXCLUDES(mutex_);
  // `command` will run on the client's thread.
  void Post(Command command) EXCLUDES(mutex_);
  void Stop() EXCLUDES(mutex_);

  // For the client's thread.
  void Open() EXCLUDES(mutex_);
  // No more calls: from now on Submit answers `why`. Returns those that were not taken yet.
  std::vector<std::shared_ptr<CallBatch>> Close(const Error& why) EXCLUDES(mutex_);
  // Takes a new call in the client's thread's place while that waits, on the caller's thread. False: the
  // client's thread must be woken for it. It must call nobody.
  using Sender = std::function<bool(const std::shared_ptr<CallBatch>&)>;
  // While the client's thread is awake a new call does not signal: the thread looks for it before it waits.
  void SetAwake() EXCLUDES(mutex_);
  // From now on new calls go to `sender`, which is not called after SetAwake; null: they signal. True if
  // calls wait already.
  bool Park(const Sender* sender) EXCLUDES(mutex_);
  // Moves waiting calls to the end of `calls`.
  void TakeCalls(std::deque<std::shared_ptr<CallBatch>>& calls) EXCLUDES(mutex_);
  std::optional<Command> TakeCommand() EXCLUDES(mutex_);
  bool HasCommand() const EXCLUDES(mutex_);
  bool stopping() const EXCLUDES(mutex_);

 private:
  mutable Mutex mutex_;
  std::vector<std::shared_ptr<CallBatch>> calls_ GUARDED_BY(mutex_);
  std::size_t waiting_ GUARDED_BY(mutex_) = 0;  // calls in calls_
  std::deque<Command> commands_ GUARDED_BY(mutex_);
  std::optional<Error> closed_ GUARDED_BY(mutex_) = Error(ErrorCode::kUnavailable,
                                                          "the token is not ready yet");
  bool stopping_ GUARDED_BY(mutex_) = false;
  bool awake_ GUARDED_BY(mutex_) = false;
  const Sender* sender_ GUARDED_BY(mutex_) = nullptr;
  Wakeup wakeup_;
};

}  // namespace claviger::hsm
