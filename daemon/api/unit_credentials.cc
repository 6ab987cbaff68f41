#include "daemon/api/unit_credentials.h"

#include <boost/json/serialize.hpp>
#include <utility>

#include "daemon/api/control_group.h"
#include "protocol/unit_address.h"

namespace claviger::api {
namespace {

using Severity = Authority::Severity;

constexpr std::string_view kActRefused = "unit.refused";

// What may be over in a moment: the token, the database, a full queue.
bool MayPass(const Error& error) {
  return error.code() == ErrorCode::kUnavailable || error.code() == ErrorCode::kBusy;
}

WipingBuffer BufferOf(const Secret& key_string) {
  const std::string_view text = key_string.ExposeText();
  return WipingBuffer(text.begin(), text.end());
}

std::string RefusalLine(const UnitStart& start, const std::string& reason) {
  return "unit " + start.unit + " does not get its credential " + start.credential + ": " + reason;
}

}  // namespace

void UnitCredentials::HandOver(protocol::CredentialRequest request, protocol::Ticket ticket) {
  if (request.peer.uid != 0) {
    return Tell("uid " + std::to_string(request.peer.uid) +
                " has connected to the credential socket, which is for systemd alone");
  }
  auto address = protocol::ParseUnitAddress(request.address);
  if (!address) return Tell("a connection to the credential socket is refused: " + address.error().message());
  const SteadyTime now = SteadyNow();
  UnitStart start;
  start.control_group = ControlGroupOf(address->unit, request.control_group);
  start.unit = std::move(address->unit);
  start.credential = std::move(address->credential);
  start.pid = request.peer.pid;
  start.command = std::move(request.peer.command);
  const auto pending =
      std::make_shared<Pending>(Pending{std::move(start), std::move(ticket), now + kPatience});
  if (!SpendStart(pending->start.unit, now)) {
    return Refuse(pending, "it has been started too often within a short time; see why it does not stay up");
  }
  Attempt(pending);
}

bool UnitCredentials::SpendStart(const std::string& unit, SteadyTime now) {
  const MutexLock lock(mutex_);
  if (starts_.size() >= kMaxUnits && !starts_.contains(unit)) {
    std::erase_if(starts_, [&](const auto& item) { return item.second.Full(now); });
    if (starts_.size() >= kMaxUnits) return false;
  }
  FailureBudget& budget = starts_[unit];
  if (budget.Exhausted(now, kStarts)) return false;
  budget.Spend(now, kStarts);
  return true;
}

void UnitCredentials::Attempt(const PendingPtr& pending) {
  if (!authority_.serving())
    return Wait(pending, Error(ErrorCode::kUnavailable, authority_.token().status().message));
  auto outcome = std::make_shared<ManagementOutcome>();
  const UnitKeyChanges changes(UnitActs(authority_, authority_.settings().Get(), pending->start));
  const Status queued = authority_.store().Submit(
      store::WorkKind::kWrite,
      [changes, pending, outcome](store::Tables& tables) {
        return changes.Provide(tables, pending->start, *outcome);
      },
      [this, pending, outcome](const Status& status) {
        if (!status) {
          if (MayPass(status.error())) return Wait(pending, status.error());
          return Refuse(pending, status.error().message());
        }
        PutInForce(authority_, *outcome);
        any_ending_.store(true, std::memory_order_relaxed);
        std::move(pending->ticket).Reply(BufferOf(outcome->key_string));
      });
  if (!queued) Wait(pending, queued.error());
}

void UnitCredentials::Wait(const PendingPtr& pending, const Error& why) {
  if (SteadyNow() < pending->until) {
    const MutexLock lock(mutex_);
    if (waiting_.size() < kMaxWaiting) return waiting_.push_back(pending);
  }
  Refuse(pending, why.message() + "; start it again then");
}

void UnitCredentials::Retry() {
  std::vector<PendingPtr> waiting;
  {
    const MutexLock lock(mutex_);
    waiting = std::exchange(waiting_, {});
  }
  for (const PendingPtr& pending : waiting) Attempt(pending);
}

void UnitCredentials::Refuse(const PendingPtr& pending, const std::string& reason) {
  if (authority_.store().is_open() && RecordRefusal(pending, reason)) return;
  Tell(RefusalLine(pending->start, reason));
  Drop(*pending);
}

// An error: nothing was queued. What is not told any more is not put on record either: it would fill the
// database.
Status UnitCredentials::RecordRefusal(const PendingPtr& pending, const std::string& reason) {
  if (!SpendTold()) {
    Drop(*pending);
    return Ok();
  }
  auto act = std::make_shared<audit::Act>();
  act->actor = UnitActs(authority_, authority_.settings().Get(), pending->start).actor();
  act->name = kActRefused;
  act->after = boost::json::serialize(boost::json::object{
      {"unit", pending->start.unit}, {"credential", pending->start.credential}, {"reason", reason}});
  return authority_.store().Submit(
      store::WorkKind::kWrite,
      [this, act](store::Tables& tables) -> Status {
        const auto recorded = authority_.audit().Append(tables.database, *act, authority_.clock().Now());
        return recorded ? Ok() : Status(recorded.error());
      },
      [this, pending, reason](const Status& status) {
        if (!status) authority_.LogLine(Severity::kWarning, RefusalLine(pending->start, reason));
        Drop(*pending);
      });
}

void UnitCredentials::EndStopped() {
  if (!authority_.serving() || !any_ending_.load(std::memory_order_relaxed)) return;
  auto stopped = std::make_shared<std::vector<store::UnitKey>>();
  // Cleared before the look, so that a start meanwhile is not forgotten.
  any_ending_.store(false, std::memory_order_relaxed);
  auto any = std::make_shared<bool>(true);
  const Status queued = authority_.store().Submit(
      store::WorkKind::kRead,
      [stopped, any](store::Tables& tables) -> Status {
        auto found = KeysOfStoppedUnits(tables, *any);
        if (!found) return found.error();
        *stopped = std::move(*found);
        return Ok();
      },
      [this, stopped, any](const Status&) {
        if (*any) any_ending_.store(true, std::memory_order_relaxed);
        End(*stopped);
      });
  if (!queued) any_ending_.store(true, std::memory_order_relaxed);
}

void UnitCredentials::End(const std::vector<store::UnitKey>& keys) {
  const LiveSettingsPtr live = authority_.settings().Get();
  for (const store::UnitKey& key : keys) {
    UnitStart stopped;
    stopped.unit = key.unit;
    stopped.credential = key.credential;
    auto outcome = std::make_shared<ManagementOutcome>();
    const UnitKeyChanges changes(UnitActs(authority_, live, stopped));
    // What cannot be queued, or fails, is found again by the next look.
    (void)authority_.store().Submit(
        store::WorkKind::kWrite,
        [changes, key, outcome](store::Tables& tables) { return changes.End(tables, key, *outcome); },
        [this, key, outcome](const Status& status) {
          if (status) return PutInForce(authority_, *outcome);
          Tell("the key of the stopped unit " + key.unit +
               " could not be ended: " + status.error().message());
        });
  }
}

bool UnitCredentials::SpendTold() {
  const SteadyTime now = SteadyNow();
  if (told_.Exhausted(now, kTold)) return false;
  told_.Spend(now, kTold);
  return true;
}

void UnitCredentials::Tell(const std::string& line) {
  if (SpendTold()) authority_.LogLine(Severity::kWarning, line);
}

void UnitCredentials::Drop(Pending& pending) { const protocol::Ticket dropped = std::move(pending.ticket); }

}  // namespace claviger::api
