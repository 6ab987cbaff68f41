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
      profiles_(ProfileText),
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
  snapshot_ = std::make_unique<CacheSnapshot>(
      CacheSnapshot::Parts{cache_, profiles_, proof_key_, time, clock_}, log_);
}

Authority::~Authority() {
  snapshot_.reset();
  if (store_ && store_->is_open()) {
    std::promise<void> written;
    FlushUsage(Pace::kAtOnce, [&written] { written.set_value(); });
    written.get_future().wait();
  }
  if (store_) store_->Stop();  // finishes what is queued, while the token can still serve it
  token_client_.reset();       // no callback after this; those that come until then find the store stopped
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
  // Every other time: usage may be five seconds late, and writing it costs the same for two seconds as for
  // four.
  if (std::exchange(usage_rests_, !usage_rests_) && store_->is_open() && !flushing_.exchange(true))
    FlushUsage(Pace::kUnhurried, [this] { flushing_ = false; });
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
  snapshot_->StartLoading();
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
      std::move(*key),
      [this](store::Tables& tables) -> Status {
        Status taken = TakeRecordedTime(*this, tables);
        if (taken) ClaimSnapshot(tables);
        return taken;
      },
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

void Authority::ClaimSnapshot(store::Tables& tables) {
  if (has_begun_serving_) return;
  const auto moment = MomentOf(tables.database);
  if (!moment) return;
  snapshot_->Claim({SnapshotPath(), *token_mac_, token_client_->installation_id()}, *moment, settings_.Get());
}

void Authority::BeginServing() {
  has_begun_serving_ = true;
  CacheSnapshot::Discard(SnapshotPath());
}

void Authority::KeepCache() {
  if (!serving()) return;
  // What was asked before, and what verifications have set in motion, is in force before the cache is looked
  // at.
  Status kept =
      RunStepsAndWait(*store_, store::WorkKind::kWrite, [](store::Tables&) { return Result<bool>(true); });
  std::uint64_t count = 0;
  if (kept) {
    kept = RunStepsAndWait(
        *store_, store::WorkKind::kRead, [this, &count](store::Tables& tables) -> Result<bool> {
          const auto moment = MomentOf(tables.database);
          if (!moment) return moment.error();
          const auto written = snapshot_->Write(
              {SnapshotPath(), *token_mac_, token_client_->installation_id()}, *moment, *settings_.Get());
          if (!written) return written.error();
          count = *written;
          return true;
        });
  }
  if (kept)
    return log_(Severity::kInfo, "left to the next start: " + std::to_string(count) + " confirmed keys");
  log_(Severity::kWarning, "what the cache knows is not kept for the next start: " + kept.error().message());
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

UsageFlush Authority::TakeUsage() {
  UsageByKey by_key;
  std::vector<Denial> denials;
  {
    const MutexLock lock(counters_mutex_);
    for (const auto& ledger : ledgers_) ledger->TakeInto(by_key, denials);
  }
  statistics_.busiest().Take(by_key, denials, SteadyNow());
  TellDenials(*this, std::move(denials));
  std::vector<store::UsageIncrement> increments;
  increments.reserve(by_key.size());
  for (auto& [id, increment] : by_key) increments.push_back(std::move(increment));
  return UsageFlush(std::move(increments));
}

void Authority::FlushUsage(Pace pace, std::function<void()> written) {
  auto usage = std::make_shared<UsageFlush>(TakeUsage());
  const auto done = [this, usage, written = std::move(written)](const Status& status) {
    if (!status) {
      log_(Severity::kWarning, "usage of " + std::to_string(usage->size()) +
                                   " keys was not written: " + status.error().message());
    }
    if (written) written();
  };
  if (usage->size() == 0) return done(Ok());
  RunSteps(*store_, store::WorkKind::kWrite,
           {[usage](store::Tables& tables) { return usage->WriteStep(tables); },
            [usage] { usage->StepIsDurable(); }, done, pace == Pace::kUnhurried});
}

Result<Mac> Authority::EpochKey(std::int64_t epoch) {
  return AuditEpochKey(*token_mac_, token_client_->installation_id(), epoch);
}

keys::KeyEntryPtr Authority::PutEntry(const keys::KeyRecord& record, const LiveSettings& live) {
  keys::KeyEntryPtr entry = keys::KeyEntry::Make(record, profiles_.Of(record, live.catalogue));
  // A record that has changed must be proved anew, its MAC with it; a new catalogue alone changes no record.
  const keys::KeyEntryPtr before = cache_.Find(record.id);
  if (before && before->IsOf(record)) entry->Adopt(*before);
  cache_.Put(entry);
  return entry;
}

UsageLedger& Authority::AddUsageLedger() {
  const MutexLock lock(counters_mutex_);
  return *ledgers_.emplace_back(std::make_unique<UsageLedger>());
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
