// The store thread: owns the database and everything on it, and commits in groups.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/result.h"
#include "base/secret.h"
#include "base/wait_counter.h"
#include "daemon/store/database.h"
#include "daemon/store/key_repository.h"
#include "daemon/store/meta_repository.h"
#include "daemon/store/notice_repository.h"
#include "daemon/store/unit_key_repository.h"
#include "daemon/store/usage_repository.h"

namespace claviger::store {

inline constexpr std::size_t kMaxQueuedWork = 16384;

// What a piece of work finds on the store thread. Valid while the work runs.
struct Tables {
  Database& database;
  KeyRepository& keys;
  UsageRepository& usage;
  MetaRepository& meta;
  NoticeRepository& notices;
  UnitKeyRepository& unit_keys;
};

// kRepeatable: a write that may be run again after it was undone, because nothing that it does outlives the
// transaction: neither what it captures nor what it leaves elsewhere. It costs no savepoint.
enum class WorkKind { kRead, kWrite, kRepeatable };

// Thread-safe but for the destructor.
class StoreThread {
 public:
  // Runs on the store thread. The error of a write undoes it alone: it has a savepoint of its own in the
  // group's transaction, or, if all writes before it are repeatable, the transaction is undone and they are
  // run again.
  using Work = std::function<Status(Tables&)>;
  // Runs on the store thread once the outcome is final: for a write after its commit is durable (or failed,
  // or undone). Always called exactly once, also at shutdown. Must not block or throw; may Submit.
  using Done = std::function<void(const Status&)>;
  struct Hooks {
    // Inside a group's transaction, before COMMIT; only for groups that wrote. May be empty.
    std::function<Status(Tables&)> before_commit;
    // A savepoint that had written, or a transaction, was rolled back, or the database was closed: what was
    // remembered of it is void. Runs on the store thread, before the Done of what was undone. May be empty.
    std::function<void()> rolled_back;
    // A write's work has ended: what it wrote is part of the transaction (true), or undone. Runs on the store
    // thread, after rolled_back. May be empty.
    std::function<void(bool kept)> work_ended = {};
    // A transaction has ended: durable (true), or undone, or its outcome is not known. Runs on the store
    // thread, before the Done of its works. May be empty.
    std::function<void(bool durable)> transaction_ended = {};
  };

  StoreThread(std::string path, Hooks hooks);
  // As Stop().
  ~StoreThread();
  StoreThread(const StoreThread&) = delete;
  StoreThread& operator=(const StoreThread&) = delete;

  // Finishes what is queued, closes the database, and ends the thread; what is submitted from then on is
  // refused. Once, by the thread that destroys this.
  void Stop();

  // Opens the database with `key`, in order with other work, and runs `opened` (may be empty) as its first
  // write. If either fails, `done` gets the error, and the database stays closed. The key is kept for
  // reopening after a storage error: at once, then every half second; `opened` does not run again then. No
  // effect but done(Ok) if it is open.
  void Open(Secret key, std::function<Status(Tables&)> opened, Done done);
  // Closes it and wipes the key; work after this fails with kUnavailable until Open.
  void Close(Done done);
  // Calls `answer` on the store thread once all that was submitted before, but for unhurried work, is done;
  // whether the database is open or not.
  void Ask(std::function<void()> answer);
  // Runs `work` by itself, between two groups and so outside of any transaction, which a step of a copy
  // needs. Otherwise as Submit, but the queue's limit does not count it: who calls it has one under way at a
  // time. `work` must not throw.
  void SubmitApart(Work work, Done done);
  // False also while it is being reopened.
  bool is_open() const;

  // kBusy, and neither function is called, when kMaxQueuedWork items wait already; likewise kUnavailable
  // from Stop on. A storage error fails everything that shares the group's transaction; if it is COMMIT
  // that failed, the message says that the outcome is unknown: what was remembered of the rows concerned must
  // be read again. Exceptions from `work` become kInternal. When the database is closed `done` gets
  // kUnavailable without `work` having run. All writes that wait when a group starts are committed together.
  // Reads that wait then run before them and are answered at once: they see what was committed before, and
  // whoever wants to read what he writes waits until that is done.
  Status Submit(WorkKind kind, Work work, Done done);
  // For long work of the daemon's own, which nobody waits for: `work` has a group of its own, and after it
  // the thread rests from such work for three times as long, so that this gets a quarter of its time, and
  // others find it free again soon. It does not wait until nothing else is queued, and from Stop on it does
  // not rest. kUnavailable from Stop on; the queue's limit does not count it: who calls it has one under way
  // at a time.
  Status SubmitUnhurried(WorkKind kind, Work work, Done done);
  // The works that Submit was given, each from then until its Done is called. Valid as long as this.
  const WaitCounter& reads() const;
  const WaitCounter& writes() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace claviger::store
