#include "daemon/api/authority.h"

#include <future>
#include <limits>
#include <map>
#include <utility>

#include "daemon/api/denials.h"
#include "daemon/api/expiry_sweep.h"
#include "daemon/api/recorded_time.h"
#include "daemon/api/store_steps.h"
#include "daemon/api/token_inputs.h"
#include "daemon/api/uncatalogued.h"
#include "daemon/api/unit_credentials.h"
#include "daemon/api/verify_reply.h"

namespace claviger::api {
namespace {

constexpr SteadyTime::rep kAlways = std::numeric_limits<SteadyTime::rep>::max();

}  // namespace

Result<std::unique_ptr<Authority>> Authority::Start(AuthoritySettings settings, const TimeSource& time,
                                                    Log log) {
  std::unique_ptr<Authority> authority(new Authority(settings, time, std::move(log)));
  auto token = hsm::TokenClient::Start(
      std::move(settings.token),
      [raw = authority.get()](hsm::TokenState state) { raw->TokenStateChanged(state); });
  if (!token) return token.error();
  authority->token_client_ = std::move(*token);
  authority->token_mac_ = std::make_unique<TokenMacSource>(*authority->token_client_);
  authority->prover_ = std::make_unique<Prover>(*authority);
  authority->generation_watch_ = std::make_unique<GenerationWatch>(*authority);
  authority->unit_credentials_ = std::make_unique<UnitCredentials>(*authority);
  // The state may have been reached before there was a client to act on.
  authority->FollowTokenState(authority->token_client_->status().state);
  return authority;
}

Authority::Authority(AuthoritySettings& settings, const TimeSource& time, Log log)
    : log_(std::move(log)),
      journal_(std::move(settings.journal)),
      state_directory_(settings.state_directory),
      token_loss_grace_(settings.token_loss_grace),
      clock_(time),
      started_(clock_.Now()),
      settings_(std::move(settings.live)),
      cache_(settings.cached_keys),
      audit_([this](std::int64_t epoch) { return EpochKey(epoch); }),
      checkpoints_(state_directory_) {
  store::StoreThread::Hooks hooks;
  hooks.before_commit = [this](store::Tables& tables) {
    return tables.meta.RaiseHighWater(clock_.HighWater());
  };
  hooks.rolled_back = [this] {
    audit_.Invalidate();
    cache_.Clear();
  };
  hooks.work_ended = [this](bool kept) { audit_.WorkEnded(kept); };
  hooks.transaction_ended = [this](bool durable) {
    audit_.TransactionEnded(durable);
    TellActs();
  };
  store_ = std::make_unique<store::StoreThread>(DatabasePath(), std::move(hooks));
}

Authority::~Authority() {
  if (store_) FlushUsage();
  store_.reset();         // finishes what is queued, while the token can still serve it
  token_client_.reset();  // no callback after this
}

void Authority::TokenStateChanged(hsm::TokenState state) {
  if (state == hsm::TokenState::kReady) {
    // Also what a verification that was under way when the token was lost has left behind.
    if (token_loss_grace_ == std::chrono::seconds(0)) cache_.DropProofs();
    proofs_until_.store(kAlways, std::memory_order_release);
  } else if (proofs_until_.load(std::memory_order_acquire) == kAlways) {
    proofs_until_.store((SteadyNow() + token_loss_grace_).time_since_epoch().count(),
                        std::memory_order_release);
    if (token_loss_grace_ == std::chrono::seconds(0)) cache_.DropProofs();
  }
  // If the queue is full, the task that is dropped here follows a state that one of the waiting tasks will
  // find.
  (void)tasks_.Post([this, state] { FollowTokenState(state); });
}

void Authority::FollowTokenState(hsm::TokenState state) {
  if (!token_client_ || token_client_->status().state != state)
    return;  // not started yet, or news is on its way
  const bool ready = state == hsm::TokenState::kReady;
  Event event(kEventTokenState, "token: " + token_client_->status().message);
  event.With("TOKEN_STATE", std::string(hsm::TokenStateName(state)));
  if (!ready && state != hsm::TokenState::kStarting) event.severity = Severity::kWarning;
  Tell(std::move(event));
  if (ready) TryOpenStore();
}

void Authority::TryOpenStore() {
  const Status opened = OpenStore();
  const std::string failure = opened ? "" : opened.error().message();
  if (!opened && failure != last_open_failure_) Tell(Event(kEventStoreFailure, "database: " + failure));
  last_open_failure_ = failure;
}

void Authority::Tell(Event event) const {
  if (!journal_) return log_(event.severity, event.message);
  journal_(std::move(event));
}

void Authority::TellActs() {
  for (const audit::AuditRecord& record : audit_.TakeDurable()) {
    if (journal_) journal_(EventOf(record));
  }
}

void Authority::WatchClock() {
  const bool suspect = clock_.suspect();
  if (std::exchange(clock_was_suspect_, suspect) == suspect) return;
  Event event(kEventClockSuspect,
              "the wall clock jumped by more than a day and is not followed; set it right, "
              "then restart the daemon");
  if (!suspect) {
    event.severity = Severity::kInfo;
    event.message = "the clock is trusted again";
  }
  Tell(std::move(event));
}

void Authority::JudgeCheckpoints() {
  const Status judged = RunStepsAndWait(*store_, store::WorkKind::kRead, [this](store::Tables& tables) {
    checkpoints_.Judge(tables.database, *token_mac_);
    return Result<bool>(true);
  });
  const std::string fault = judged ? checkpoints_.standing().fault : judged.error().message();
  if (!fault.empty()) Tell(Event(kEventAuditMismatch, fault));
}

void Authority::Tend() {
  FlushUsage();
  TellRateLimited(*this);
  WatchClock();
  if (!store_->is_open() && token_client_->status().state == hsm::TokenState::kReady) TryOpenStore();
  unit_credentials_->Retry();
  unit_credentials_->EndStopped();
  if (!store_->is_open()) return;
  // The wall clock tells the next start nothing then: what has ended by now must be known from the record.
  if (clock_.suspect()) {
    (void)store_->Submit(
        store::WorkKind::kWrite,
        [this](store::Tables& tables) { return tables.meta.RaiseHighWater(clock_.Now()); },
        [](const Status&) {});
  }
  if (SteadyNow() < next_sweep_) return;
  next_sweep_ = SteadyNow() + kSweepInterval;
  SweepExpiries(*this);
}

void Authority::StoreOpened() {
  unit_credentials_->Retry();
  next_sweep_ = SteadyNow() + kFirstSweep;
  JudgeCheckpoints();
  if (std::exchange(store_was_open_, true)) return;
  TellUncatalogued(*this);
}

audit::Actor Authority::Self() {
  audit::Actor actor;
  actor.user = "clavigerd";
  return actor;
}

bool Authority::serving() const {
  return store_->is_open() && token_client_->status().state == hsm::TokenState::kReady;
}

bool Authority::has_settled() const {
  const hsm::TokenState state = token_client_->status().state;
  if (state == hsm::TokenState::kStarting) return false;
  return state != hsm::TokenState::kReady || store_->is_open() || !last_open_failure_.empty();
}

Status Authority::OpenStore() {
  if (store_->is_open()) return Ok();
  auto key = DatabaseKey(*token_mac_, token_client_->installation_id());
  if (!key) return key.error();

  std::promise<Status> outcome;
  store_->Open(
      std::move(*key), [this](store::Tables& tables) -> Status { return TakeRecordedTime(*this, tables); },
      [&outcome](const Status& status) { outcome.set_value(status); });
  Status opened = outcome.get_future().get();
  if (opened) StoreOpened();
  return opened;
}

void Authority::CloseStore() {
  std::promise<void> closed;
  store_->Close([&closed](const Status&) { closed.set_value(); });
  closed.get_future().wait();
}

Status Authority::RecordActs(std::span<const audit::Act> acts) {
  std::promise<Status> outcome;
  const Status queued = store_->Submit(
      store::WorkKind::kWrite,
      [this, acts](store::Tables& tables) -> Status {
        for (const audit::Act& act : acts) {
          const auto sequence = audit_.Append(tables.database, act, clock_.Now());
          if (!sequence) return sequence.error();
        }
        return Ok();
      },
      [&outcome](const Status& status) { outcome.set_value(status); });
  if (!queued) return queued.error();
  return outcome.get_future().get();
}

void Authority::FlushUsage() {
  if (!store_->is_open()) return;
  auto increments = std::make_shared<std::map<keys::KeyId, store::UsageIncrement>>();
  std::vector<Denial> denials;
  {
    const MutexLock lock(counters_mutex_);
    for (const auto& ledger : ledgers_) ledger->TakeInto(*increments, denials);
  }
  TellDenials(*this, std::move(denials));
  if (increments->empty()) return;
  const Status queued = store_->Submit(
      store::WorkKind::kWrite,
      [increments](store::Tables& tables) -> Status {
        for (const auto& [id, increment] : *increments) {
          const Status added = tables.usage.Add(increment);
          // The key may have been purged since it was used.
          if (!added && added.error().code() != ErrorCode::kNotFound) return added.error();
        }
        return Ok();
      },
      [this, count = increments->size()](const Status& status) {
        if (!status) {
          log_(Severity::kWarning,
               "usage of " + std::to_string(count) + " keys was not written: " + status.error().message());
        }
      });
  if (!queued) log_(Severity::kWarning, "usage was not written: " + queued.error().message());
}

Result<Mac> Authority::EpochKey(std::int64_t epoch) {
  return AuditEpochKey(*token_mac_, token_client_->installation_id(), epoch);
}

keys::KeyEntryPtr Authority::PutEntry(keys::KeyRecord record, const LiveSettings& live) {
  std::vector<std::string> prepared = PrepareReplies(record);
  auto entry = std::make_shared<keys::KeyEntry>(std::move(record), live.catalogue, std::move(prepared));
  // A record that has changed must be proved anew, its MAC with it; a new catalogue alone changes no record.
  const keys::KeyEntryPtr before = cache_.Find(entry->record().id);
  if (before && before->record() == entry->record()) entry->Adopt(*before);
  cache_.Put(entry);
  return entry;
}

VerdictCounters& Authority::AddVerdictCounters() {
  const MutexLock lock(counters_mutex_);
  return *counters_.emplace_back(std::make_unique<VerdictCounters>());
}

UsageLedger& Authority::AddUsageLedger() {
  const MutexLock lock(counters_mutex_);
  return *ledgers_.emplace_back(std::make_unique<UsageLedger>());
}

std::array<std::uint64_t, kVerdictCodes> Authority::VerdictCounts() const {
  std::array<std::uint64_t, kVerdictCodes> sums{};
  const MutexLock lock(counters_mutex_);
  for (const auto& counters : counters_) {
    for (std::size_t code = 0; code < kVerdictCodes; ++code) {
      sums[code] += counters->Of(static_cast<keys::VerdictCode>(code));
    }
  }
  return sums;
}

void Authority::SetConnectionCount(std::function<std::int64_t()> count) {
  const MutexLock lock(counters_mutex_);
  connection_count_ = std::move(count);
}

std::int64_t Authority::ConnectionCount() const {
  const MutexLock lock(counters_mutex_);
  return connection_count_ ? connection_count_() : 0;
}

}  // namespace claviger::api
