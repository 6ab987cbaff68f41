// A dispatcher of text commands, so that the server is tested without any method of the daemon.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "protocol/dispatcher.h"

namespace claviger::server {

WipingBuffer ToBuffer(std::string_view text);

// What all dispatchers of one server leave for the test. Thread-safe.
class ToyDesk {
 public:
  // The ticket that "later NAME" took; waits until it is there.
  protocol::Ticket Await(const std::string& name);
  void Put(const std::string& name, protocol::Ticket ticket);

  std::atomic<std::size_t> dispatched{0};
  std::atomic<std::size_t> most_together{0};
  std::atomic<std::size_t> sessions{0};  // alive
  std::atomic<bool> lets_in{true};

 private:
  Mutex mutex_;
  CondVar arrived_;
  std::map<std::string, protocol::Ticket> tickets_ GUARDED_BY(mutex_);
};

// Commands:
//   echo X     replies X                         big N    replies N letters
//   oneway X   replies nothing                   who      replies this dispatcher's number
//   peer       replies uid, pid and command      face     replies verify or admin
//   close X    replies X and asks to close       (empty)  asks to close
//   later X    takes a ticket for the desk       due MS   takes a ticket that falls back to "late" after MS
//   now X      takes a ticket and replies X      drop     takes a ticket and drops it
//   all X      replies X, together with others of its kind that come before and after it
//   lie        says kPending without a ticket    cheat    takes a ticket but says kReplied
class ToyDispatcher final : public protocol::Dispatcher {
 public:
  ToyDispatcher(ToyDesk& desk, std::size_t number) : desk_(desk), number_(number) {}

  Result<std::unique_ptr<protocol::Session>> Accept(protocol::Peer peer, protocol::Face face) override;
  void BeginBatch(SteadyTime now) override { now_ = now; }
  protocol::Disposition Dispatch(protocol::Session& session, std::span<char> frame, WipingBuffer& out,
                                 protocol::TicketOffer& offer) override;
  std::size_t AnswerTogether(protocol::Session& session, std::span<const std::span<char>> frames,
                             WipingBuffer& out, std::size_t room) override;

 private:
  protocol::Disposition TakeTicket(std::string_view verb, const std::string& argument,
                                   protocol::TicketOffer& offer);

  ToyDesk& desk_;
  const std::size_t number_;
  SteadyTime now_;
};

}  // namespace claviger::server
