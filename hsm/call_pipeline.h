// The ready state: calls go to the worker as they come, replies go back in order, and the worker is watched.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "hsm/call_batch.h"
#include "hsm/installation.h"
#include "hsm/mailbox.h"
#include "hsm/worker_link.h"

namespace claviger::hsm {

// Of the client's thread; lives no longer than `link`.
//
// A call that is not answered within the deadline fails. The worker is given up when it owes a sign of life
// for that long: a token that is slow but works loses calls, not its worker.
class CallPipeline {
 public:
  // `on_pass` is called whenever the thread has been woken, at least every 250 ms.
  CallPipeline(WorkerLink& link, Mailbox& mailbox, const Installation& installation,
               std::chrono::milliseconds deadline, std::function<void()> on_pass);

  enum class End {
    kStop,     // the client is to stop
    kCommand,  // a command waits and nothing is in flight; Run may be called again after it
    kLost,     // worker or token cannot be relied on any more: reason()
  };
  End Run();
  const std::string& reason() const { return reason_; }
  // After kLost: true if the worker does its work and only the token has failed.
  bool worker_is_sound() const { return worker_is_sound_; }

  // Fails all calls that were taken and not answered.
  void FailAll(const Error& error);

 private:
  // What a request in flight is for. Without a batch: a ping, or the health check of a purpose.
  struct Target {
    std::shared_ptr<CallBatch> batch;
    std::size_t index = 0;
    bool is_health = false;
    TokenPurpose purpose = TokenPurpose::kMint;
  };

  bool SendCalls();
  bool ComesTooLate(const CallBatch& batch) const;
  bool SendChecks();
  bool Post(RequestFrame& frame, Target target, std::size_t random_length);
  bool Receive();
  bool Take(const Target& target, const ReplyFrame& reply);
  bool CheckHealth(TokenPurpose purpose, const ReplyFrame& reply);
  std::size_t Window() const;
  bool WorkerHangs();
  void ExpireCalls();
  SteadyTime NextEvent() const;
  // False if the worker has died.
  bool Wait();

  WorkerLink& link_;
  Mailbox& mailbox_;
  const Installation& installation_;
  const std::chrono::milliseconds deadline_;
  const std::function<void()> on_pass_;
  std::deque<std::shared_ptr<CallBatch>> unsent_;   // the first may be sent in part
  std::vector<std::shared_ptr<CallBatch>> active_;  // all that were taken and have not ended
  std::deque<Target> targets_;                      // one for each request in flight
  SteadyTime::duration service_time_{0};            // of one call in the worker, smoothed
  SteadyTime next_expiry_ = SteadyTime::max();
  SteadyTime next_health_;
  std::size_t health_turn_ = 0;
  bool link_is_full_ = false;
  bool worker_is_sound_ = false;
  std::string reason_;
};

}  // namespace claviger::hsm
