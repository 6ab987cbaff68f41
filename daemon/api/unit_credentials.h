// Keys for units that start: systemd asks on the credential face, and gets a key string or a refusal.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "daemon/api/failure_budget.h"
#include "daemon/api/unit_key_changes.h"
#include "protocol/dispatcher.h"

namespace claviger::api {

// Thread-safe.
class UnitCredentials {
 public:
  // How long a unit waits for a token that is locked or absent; less than the 90 s that systemd gives a
  // start.
  static constexpr std::chrono::seconds kPatience{20};
  static constexpr std::size_t kMaxWaiting = 1024;
  // Starts of one unit: systemd asks once for each ExecStartPre= and once for ExecStart=.
  static constexpr FailureLimits kStarts{.per_minute = 30, .burst = 64};
  static constexpr std::size_t kMaxUnits = 4096;  // whose starts are counted at once
  // Refusals that are told, of all units together.
  static constexpr FailureLimits kTold{.per_minute = 60, .burst = 64};

  // `authority` must outlive it.
  explicit UnitCredentials(Authority& authority) : authority_(authority) {}

  // Answers the ticket once the key is durable, or drops it. Does not block.
  void HandOver(protocol::CredentialRequest request, protocol::Ticket ticket) EXCLUDES(mutex_);
  // Tries anew for those that wait. The main thread calls it now and then, and when the store has opened.
  void Retry() EXCLUDES(mutex_);
  // Ends the keys of units that have stopped, where their entry says so. The main thread calls it now and
  // then.
  void EndStopped();

 private:
  struct Pending {
    UnitStart start;
    protocol::Ticket ticket;
    SteadyTime until;
  };
  using PendingPtr = std::shared_ptr<Pending>;

  bool SpendStart(const std::string& unit, SteadyTime now) EXCLUDES(mutex_);
  void Attempt(const PendingPtr& pending) EXCLUDES(mutex_);
  void Wait(const PendingPtr& pending, const Error& why) EXCLUDES(mutex_);
  // Puts the reason on record, or tells it to the log if that is not possible, and then drops the ticket.
  void Refuse(const PendingPtr& pending, const std::string& reason);
  Status RecordRefusal(const PendingPtr& pending, const std::string& reason);
  void End(const std::vector<store::UnitKey>& keys);
  bool SpendTold();
  void Tell(const std::string& line);
  static void Drop(Pending& pending);

  Authority& authority_;
  std::atomic<bool> any_ending_{true};  // keys that end with their units
  FailureBudget told_;
  Mutex mutex_;
  std::vector<PendingPtr> waiting_ GUARDED_BY(mutex_);
  std::unordered_map<std::string, FailureBudget> starts_ GUARDED_BY(mutex_);
};

}  // namespace claviger::api
