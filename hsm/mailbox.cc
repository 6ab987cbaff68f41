#include "hsm/mailbox.h"

#include <utility>

namespace claviger::hsm {
namespace {

// Far more than a token makes within a deadline.
constexpr std::size_t kMaxWaitingCalls = 65536;

}  // namespace

Status Mailbox::Submit(std::shared_ptr<CallBatch> batch) {
  bool first = false;
  {
    MutexLock lock(mutex_);
    if (closed_) return *closed_;
    if (waiting_ + batch->size() > kMaxWaitingCalls) {
      return Error(ErrorCode::kBusy, "too many calls wait for the token; try again later");
    }
    if (sender_ != nullptr && calls_.empty() && (*sender_)(batch)) return Ok();
    waiting_ += batch->size();
    first = calls_.empty() && !awake_;
    calls_.push_back(std::move(batch));
  }
  if (first) wakeup_.Signal();
  return Ok();
}

void Mailbox::Post(Command command) {
  {
    MutexLock lock(mutex_);
    commands_.push_back(std::move(command));
  }
  wakeup_.Signal();
}

void Mailbox::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wakeup_.Signal();
}

void Mailbox::Open() {
  MutexLock lock(mutex_);
  closed_.reset();
}

std::vector<std::shared_ptr<CallBatch>> Mailbox::Close(const Error& why) {
  MutexLock lock(mutex_);
  closed_ = why;
  waiting_ = 0;
  return std::exchange(calls_, {});
}

void Mailbox::SetAwake() {
  MutexLock lock(mutex_);
  awake_ = true;
  sender_ = nullptr;
}

bool Mailbox::Park(const Sender* sender) {
  MutexLock lock(mutex_);
  awake_ = false;
  sender_ = sender;
  return !calls_.empty();
}

void Mailbox::TakeCalls(std::deque<std::shared_ptr<CallBatch>>& calls) {
  MutexLock lock(mutex_);
  calls.insert(calls.end(), calls_.begin(), calls_.end());
  calls_.clear();
  waiting_ = 0;
}

std::optional<Mailbox::Command> Mailbox::TakeCommand() {
  MutexLock lock(mutex_);
  if (commands_.empty()) return std::nullopt;
  Command command = std::move(commands_.front());
  commands_.pop_front();
  return command;
}

bool Mailbox::HasCommand() const {
  MutexLock lock(mutex_);
  return !commands_.empty();
}

bool Mailbox::stopping() const {
  MutexLock lock(mutex_);
  return stopping_;
}

}  // namespace claviger::hsm
