// What every method acts on: the token, the store, the cache, the rules, the record of acts, and their life
// cycle.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "daemon/api/failure_budget.h"
#include "daemon/api/live_settings.h"
#include "daemon/api/operator_tasks.h"
#include "daemon/api/prover.h"
#include "daemon/api/token_mac_source.h"
#include "daemon/api/usage_ledger.h"
#include "daemon/api/verdict_counters.h"
#include "daemon/audit/audit_log.h"
#include "daemon/keys/key_cache.h"
#include "daemon/keys/key_entry.h"
#include "daemon/store/store_thread.h"
#include "hsm/token_client.h"

namespace claviger::api {

struct AuthoritySettings {
  LiveSettingsPtr live;
  hsm::TokenSettings token;
  std::string state_directory;
  std::size_t cached_keys = 100000;
  std::chrono::seconds token_loss_grace{0};
};

// One per process; made and destroyed by main, which also runs tasks(). The members that the accessors give
// are thread-safe unless said otherwise. Log lines go to `log` (any thread), never with a secret.
class Authority {
 public:
  enum class Severity { kInfo, kWarning, kError };
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
  UsageLedger& usage() { return usage_; }
  OperatorTasks& tasks() { return tasks_; }
  store::StoreThread& store() { return *store_; }
  hsm::TokenClient& token() { return *token_client_; }
  keys::TokenMac& token_mac() { return *token_mac_; }
  // Lives on the store thread.
  audit::AuditLog& audit() { return audit_; }
  const std::string& state_directory() const { return state_directory_; }
  UnixSeconds started() const { return started_; }

  // Puts a new entry for `record` into the cache, with the catalogue of `live`, its prepared replies, and the
  // proofs of the entry before it if that has the same record. On the store thread.
  keys::KeyEntryPtr PutEntry(keys::KeyRecord record, const LiveSettings& live);
  // Whether proofs may be served at `now`: the token is ready, or has been lost for less than the grace.
  bool ProofsUsable(SteadyTime now) const {
    return now.time_since_epoch().count() < proofs_until_.load(std::memory_order_acquire);
  }
  bool serving() const;
  std::string DatabasePath() const { return state_directory_ + "/claviger.db"; }

  // Opens the store with the key that the token makes, and waits. On the main thread.
  Status OpenStore();
  // Closes it, and waits. On the main thread.
  void CloseStore();
  // Writes an act of its own in a transaction of its own, and waits until it is durable. On the main thread.
  Status RecordAct(const audit::Act& act);
  // What has to be done now and then, by main every kTendInterval: hands the usage noted so far to the store,
  // and opens the store if it is closed although the token is ready.
  void Tend();
  static constexpr std::chrono::milliseconds kTendInterval{2000};

  // One counter set per loop; valid as long as the authority.
  VerdictCounters& AddVerdictCounters() EXCLUDES(counters_mutex_);
  std::array<std::uint64_t, kVerdictCodes> VerdictCounts() const EXCLUDES(counters_mutex_);
  // How many connections are open; set by main once the server runs.
  void SetConnectionCount(std::function<std::int64_t()> count) EXCLUDES(counters_mutex_);
  std::int64_t ConnectionCount() const EXCLUDES(counters_mutex_);

  void LogLine(Severity severity, const std::string& line) const { log_(severity, line); }

 private:
  Authority(AuthoritySettings& settings, const TimeSource& time, Log log);
  void TokenStateChanged(hsm::TokenState state);  // on the token client's thread
  void FollowTokenState(hsm::TokenState state);   // on the main thread
  void TryOpenStore();                            // on the main thread; logs a failure once, not at each try
  void FlushUsage();
  Result<Mac> EpochKey(std::int64_t epoch);

  Log log_;
  const std::string state_directory_;
  const std::chrono::seconds token_loss_grace_;
  GuardedClock clock_;
  const UnixSeconds started_;
  CurrentSettings settings_;
  keys::KeyCache cache_;
  keys::ProofKey proof_key_;
  FailureBudgets failure_budgets_;
  UsageLedger usage_;
  OperatorTasks tasks_;
  std::atomic<SteadyTime::rep> proofs_until_{0};
  std::string last_open_failure_;  // main thread only
  mutable Mutex counters_mutex_;
  std::vector<std::unique_ptr<VerdictCounters>> counters_ GUARDED_BY(counters_mutex_);
  std::function<std::int64_t()> connection_count_ GUARDED_BY(counters_mutex_);
  audit::AuditLog audit_;
  std::unique_ptr<hsm::TokenClient> token_client_;
  std::unique_ptr<TokenMacSource> token_mac_;
  std::unique_ptr<store::StoreThread> store_;
  std::unique_ptr<Prover> prover_;
};

}  // namespace claviger::api
