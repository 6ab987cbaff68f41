// What every method acts on: the token, the store, the cache, the rules, the record of acts, and their life
// cycle.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "daemon/api/cache_snapshot.h"
#include "daemon/api/checkpoints.h"
#include "daemon/api/event.h"
#include "daemon/api/failure_budget.h"
#include "daemon/api/generation_watch.h"
#include "daemon/api/live_settings.h"
#include "daemon/api/notices.h"
#include "daemon/api/operator_tasks.h"
#include "daemon/api/prover.h"
#include "daemon/api/service_controls.h"
#include "daemon/api/statistics.h"
#include "daemon/api/step_gate.h"
#include "daemon/api/token_mac_source.h"
#include "daemon/api/usage_flush.h"
#include "daemon/api/usage_ledger.h"
#include "daemon/audit/audit_log.h"
#include "daemon/keys/key_cache.h"
#include "daemon/keys/key_entry.h"
#include "daemon/keys/key_profile.h"
#include "daemon/store/store_thread.h"
#include "hsm/token_client.h"

namespace claviger::api {

class UnitCredentials;

struct AuthoritySettings {
  LiveSettingsPtr live;
  hsm::TokenSettings token;
  std::string state_directory;
  std::size_t cached_keys = 100000;
  std::chrono::seconds token_loss_grace{0};
  // Takes what happens, for the journal; from any thread, must not block. Empty: what is no act goes to the
  // log as a line, and acts are told only by the record of them.
  std::function<void(Event)> journal;
};

// One per process; made and destroyed by main, which also runs tasks(). The members that the accessors give
// are thread-safe unless said otherwise. Log lines go to `log` (any thread), never with a secret.
class Authority {
 public:
  using Severity = api::Severity;
  using Log = std::function<void(Severity, const std::string&)>;

  // Starts the token client; the store is opened by itself as soon as the token is ready.
  static Result<std::unique_ptr<Authority>> Start(AuthoritySettings settings, const TimeSource& time,
                                                  Log log);
  // After the loops have stopped. Writes the usage that is still in memory.
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  CurrentSettings& settings() { return settings_; }
  GuardedClock& clock() { return clock_; }
  keys::KeyCache& cache() { return cache_; }
  const keys::ProofKey& proof_key() const { return proof_key_; }
  Prover& prover() { return *prover_; }
  FailureBudgets& failure_budgets() { return failure_budgets_; }
  Callers& callers() { return callers_; }
  GenerationWatch& generation_watch() { return *generation_watch_; }
  UnitCredentials& unit_credentials() { return *unit_credentials_; }
  OperatorTasks& tasks() { return tasks_; }
  Notices& notices() { return notices_; }
  store::StoreThread& store() { return *store_; }
  StepGate& step_gate() { return step_gate_; }
  hsm::TokenClient& token() { return *token_client_; }
  keys::TokenMac& token_mac() { return *token_mac_; }
  // Lives on the store thread.
  audit::AuditLog& audit() { return audit_; }
  Checkpoints& checkpoints() { return checkpoints_; }
  const std::string& state_directory() const { return state_directory_; }
  UnixSeconds started() const { return started_; }

  // Puts a new entry for `record` into the cache, with the catalogue of `live` and the
  // proofs of the entry before it if that has the same record. On the store thread.
  keys::KeyEntryPtr PutEntry(const keys::KeyRecord& record, const LiveSettings& live);
  // Whether proofs may be served at `now`: the token is ready, or has been lost for less than the grace.
  bool ProofsUsable(SteadyTime now) const {
    return now.time_since_epoch().count() < proofs_until_.load(std::memory_order_acquire);
  }
  bool serving() const;
  std::string DatabasePath() const { return state_directory_ + "/claviger.db"; }
  std::string SnapshotPath() const { return state_directory_ + "/cache.snapshot"; }

  // Opens the store with the key that the token makes, and waits. On the main thread.
  Status OpenStore();
  // Closes it, and waits. On the main thread.
  void CloseStore();
  // Before there are loops, once the store has had its time to open: from here on proofs are made. If the
  // store is open, the cache is being filled with what the daemon before this one has left of its own; if
  // not, that is gone. On the main thread.
  void BeginServing();
  // At a planned end, when the loops have stopped: leaves what the cache knows to the next daemon, unless the
  // token or the store is away. On the main thread.
  void KeepCache();
  // Writes an act of its own in a transaction of its own, and waits until it is durable. On the main thread.
  Status RecordAct(const audit::Act& act) { return RecordActs(std::span(&act, 1)); }
  // The same for several, all or none.
  Status RecordActs(std::span<const audit::Act> acts);
  // Who does what the daemon does by itself.
  static audit::Actor Self();
  // What has to be done now and then, by main every kTendInterval: hands the usage noted so far to the store,
  // opens the store if it is closed although the token is ready, and warns of keys that end soon.
  void Tend();
  static constexpr std::chrono::milliseconds kTendInterval{2000};
  // Expiry warnings: so long after the store has opened, and then so often, by the steady clock.
  static constexpr std::chrono::seconds kFirstSweep{60};
  static constexpr std::chrono::seconds kSweepInterval{3600};

  // Why the database could not be opened; "" if it could, or was not tried. Main thread only.
  const std::string& open_failure() const { return last_open_failure_; }
  // Whether the token has answered, and the database has been opened if it can be. Main thread only.
  bool has_settled() const;

  // Set by main before there are calls. Main thread only.
  void SetControls(ServiceControls controls) { controls_ = std::move(controls); }
  const ServiceControls& controls() const { return controls_; }

  // One counter set and one ledger per loop; valid as long as the authority.
  LoopCounters& AddLoopCounters() { return statistics_.AddLoop(); }
  DeferredCounters& deferred_counters() { return statistics_.deferred(); }
  const Statistics& statistics() const { return statistics_; }
  UsageLedger& AddUsageLedger() EXCLUDES(counters_mutex_);
  // How many connections are open; set by main once the server runs.
  void SetConnectionCount(std::function<std::int64_t()> count) EXCLUDES(counters_mutex_);
  std::int64_t ConnectionCount() const EXCLUDES(counters_mutex_);

  void LogLine(Severity severity, const std::string& line) const { log_(severity, line); }
  // A line about an act on record, for a log that is not told of the act itself.
  void LogAct(Severity severity, const std::string& line) const {
    if (!journal_) log_(severity, line);
  }
  // What has happened besides acts, which are told by themselves once they are durable. Thread-safe.
  void Tell(Event event) const;

 private:
  Authority(AuthoritySettings& settings, const TimeSource& time, Log log);
  void TokenStateChanged(hsm::TokenState state);  // on the token client's thread
  void FollowTokenState(hsm::TokenState state);   // on the main thread
  void TryOpenStore();                            // on the main thread; logs a failure once, not at each try
  void ClaimSnapshot(store::Tables& tables);      // on the store thread, while it is opened
  void StoreOpened();                             // on the main thread
  void JudgeCheckpoints();                        // on the main thread
  void WatchClock();                              // on the main thread
  void TellActs();                                // on the store thread
  UsageFlush TakeUsage() EXCLUDES(counters_mutex_);
  enum class Pace { kUnhurried, kAtOnce };
  // Writes what was noted, behind; `written` (may be empty) is called once, on the store thread or this one.
  void FlushUsage(Pace pace, std::function<void()> written) EXCLUDES(counters_mutex_);
  Result<Mac> EpochKey(std::int64_t epoch);

  Log log_;
  const std::function<void(Event)> journal_;
  const std::string state_directory_;
  const std::chrono::seconds token_loss_grace_;
  GuardedClock clock_;
  const UnixSeconds started_;
  CurrentSettings settings_;
  keys::KeyCache cache_;
  keys::KeyProfiles profiles_;
  keys::ProofKey proof_key_;
  FailureBudgets failure_budgets_;
  Statistics statistics_;
  Callers callers_;
  OperatorTasks tasks_;
  Notices notices_;
  std::atomic<SteadyTime::rep> proofs_until_{0};
  std::string last_open_failure_;  // main thread only, as what follows up to clock_was_suspect_
  ServiceControls controls_;
  SteadyTime next_sweep_{};
  bool store_was_open_ = false;
  bool usage_rests_ = true;
  bool clock_was_suspect_ = false;
  bool has_begun_serving_ = false;
  std::atomic<bool> flushing_{false};  // usage that was taken is still being written
  mutable Mutex counters_mutex_;
  std::vector<std::unique_ptr<UsageLedger>> ledgers_ GUARDED_BY(counters_mutex_);
  std::function<std::int64_t()> connection_count_ GUARDED_BY(counters_mutex_);
  audit::AuditLog audit_;
  Checkpoints checkpoints_;
  std::unique_ptr<hsm::TokenClient> token_client_;
  std::unique_ptr<TokenMacSource> token_mac_;
  StepGate step_gate_;  // before the store, whose last work leaves it
  std::unique_ptr<store::StoreThread> store_;
  std::unique_ptr<Prover> prover_;
  std::unique_ptr<GenerationWatch> generation_watch_;
  std::unique_ptr<UnitCredentials> unit_credentials_;
  std::unique_ptr<CacheSnapshot> snapshot_;  // last: its loading uses the cache and what belongs to it
};

}  // namespace claviger::api
