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

// Of the client's thread; lives no longer than `link`. While that thread waits, whoever makes a call sends it
// to the worker by himself, under the mailbox's lock: a thread less to wake.
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

  End RunAwake();
  bool SendCalls();
  void StageCall(const std::shared_ptr<CallBatch>& batch);
  // On a caller's thread, while the client's waits (Mailbox::Sender).
  bool SendDirectly(const std::shared_ptr<CallBatch>& batch);
  bool ComesTooLate(const CallBatch& batch) const;
  bool SendChecks();
  // Room for one more request; false if the socket is full, or broken (broken_ and reason_ are set then).
  bool MakeRoom();
  bool Flush();
  bool Receive();
  bool Take(const Target& target, const ReplyFrame& reply);
  bool CheckHealth(TokenPurpose purpose, const ReplyFrame& reply);
  std::size_t Window() const;
  bool WorkerHangs();
  void ExpireCalls();
  SteadyTime NextEvent() const;
  // False if the worker has died.
  bool Wait(bool takes_calls);

  WorkerLink& link_;
  Mailbox& mailbox_;
  const Installation& installation_;
  const std::chrono::milliseconds deadline_;
  const std::function<void()> on_pass_;
  const Mailbox::Sender sender_;
  SteadyTime wakes_at_;                             // by itself
  SteadyTime active_until_{};                       // calls came a short while ago
  std::deque<std::shared_ptr<CallBatch>> unsent_;   // the first may be sent in part
  std::vector<std::shared_ptr<CallBatch>> active_;  // all that were taken and have not ended
  std::deque<Target> targets_;                      // one for each request in flight
  SteadyTime next_expiry_ = SteadyTime::max();
  SteadyTime next_health_;
  std::size_t health_turn_ = 0;
  bool link_is_full_ = false;
  bool broken_ = false;
  bool worker_is_sound_ = false;
  std::string reason_;
};

}  // namespace claviger::hsm
