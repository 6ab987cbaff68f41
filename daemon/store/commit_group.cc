#include "daemon/store/commit_group.h"

#include <exception>
#include <string>
#include <utility>

namespace claviger::store {

std::size_t CommitGroup::Run(std::span<WorkItem> items) {
  std::size_t count = 0;
  for (const WorkItem& item : items) {
    ++count;
    if (!Take(item) || (again_ && !TakeAgain())) return count;
    if (!begun_) Answer();  // nothing waits for a commit
  }
  if (begun_) Commit();
  return count;
}

bool CommitGroup::Take(const WorkItem& item) {
  Status status = RunItem(item);
  outcomes_.push_back({&item, std::move(status)});
  if (!StorageLost()) return true;
  connection_lost_ = true;
  const Status& last = outcomes_.back().status;
  Abandon(last ? Error(ErrorCode::kUnavailable, "the database failed: it is opened anew, try again")
               : last.error());
  return false;
}

bool CommitGroup::TakeAgain() {
  again_ = false;
  savepoints_ = true;
  if (const Status undone = UndoAlone(); !undone) {
    connection_lost_ = true;
    Abandon(undone.error());
    return false;
  }
  if (hooks_.rolled_back) hooks_.rolled_back();
  if (hooks_.work_ended) hooks_.work_ended(false);
  if (hooks_.transaction_ended) hooks_.transaction_ended(false);
  const std::vector<Outcome> before = std::exchange(outcomes_, {});
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (Take(*before[i].item)) continue;
    // Those behind it were run, too, and are to be told.
    const Status lost = outcomes_.back().status;
    for (++i; i < before.size(); ++i) outcomes_.push_back({before[i].item, lost});
    return false;
  }
  return true;
}

void CommitGroup::Answer() {
  for (const Outcome& outcome : outcomes_) outcome.item->done(outcome.status);
  outcomes_.clear();
}

Status CommitGroup::RunItem(const WorkItem& item) {
  if (item.kind == WorkKind::kRead) return Call(item.work);
  if (!begun_) {
    if (Status s = connection_.transaction().Begin(); !s) {
      connection_lost_ = true;
      return s;
    }
    begun_ = true;
  }
  return RunWrite(item);
}

Status CommitGroup::RunWrite(const WorkItem& item) {
  Transaction& transaction = connection_.transaction();
  const int changes_before = transaction.total_changes();
  const bool repeatable = item.kind == WorkKind::kRepeatable;
  if (!repeatable) savepoints_ = savepoints_ || wrote_;
  // While nothing has been written, the transaction itself can undo the work; and one that holds only what
  // can be run again is undone as a whole. A savepoint costs an encrypted copy of every page that is changed.
  const bool saved = wrote_ && savepoints_;
  const bool alone = !wrote_;
  Status status = saved ? transaction.Savepoint() : Ok();
  if (!status) {
    connection_lost_ = true;
    return status;
  }
  status = Call(item.work);
  if (StorageLost()) return status;
  const bool changed = transaction.total_changes() != changes_before;
  if (status) {
    wrote_ = wrote_ || changed;
    savepoints_ = savepoints_ || !repeatable;
    if (saved) connection_lost_ = !transaction.Release();
    if (hooks_.work_ended) hooks_.work_ended(true);
    return status;
  }
  again_ = changed && !saved && !alone;
  if (again_) return status;
  if (saved || alone) connection_lost_ = !(alone ? UndoAlone() : transaction.Undo());
  if (changed && hooks_.rolled_back) hooks_.rolled_back();
  if (hooks_.work_ended) hooks_.work_ended(false);
  return status;
}

Status CommitGroup::UndoAlone() {
  connection_.transaction().Rollback();
  if (connection_.transaction().active()) {
    return Error(ErrorCode::kUnavailable, "the database could not undo a write: it is opened anew");
  }
  begun_ = false;
  wrote_ = false;
  return Ok();
}

// Our code throws nothing, but what it calls may: memory runs out, a library reports a defect.
Status CommitGroup::Call(const StoreThread::Work& work) {
  try {
    return work(connection_.tables());
  } catch (const std::exception& e) {
    return Error(ErrorCode::kInternal,
                 std::string("a database operation ended with an exception: ") + e.what());
  } catch (...) {
    return Error(ErrorCode::kInternal, "a database operation ended with an unknown exception");
  }
}

void CommitGroup::Commit() {
  if (wrote_ && hooks_.before_commit) {
    if (Status s = Call(hooks_.before_commit); !s) {
      connection_lost_ = StorageLost();
      Abandon(s.error());
      return;
    }
  }
  if (Status s = connection_.transaction().Commit(); !s) {
    connection_lost_ = StorageLost();
    if (!connection_lost_) return Abandon(s.error());
    Abandon(Error(s.error().code(),
                  s.error().message() +
                      "; whether the change took effect is not known: look before you repeat it, or "
                      "repeat it with the same request id"));
    return;
  }
  if (hooks_.transaction_ended) hooks_.transaction_ended(true);
}

// What a work of the group was told or found may rest on another's write that is undone now, so all get the
// same error.
void CommitGroup::Abandon(const Error& error) {
  connection_.transaction().Rollback();
  if ((begun_ || connection_lost_) && hooks_.rolled_back) hooks_.rolled_back();
  // Also when the storage failed in the middle of a work.
  if (hooks_.work_ended) hooks_.work_ended(false);
  if (hooks_.transaction_ended) hooks_.transaction_ended(false);
  for (Outcome& outcome : outcomes_) outcome.status = error;
}

bool CommitGroup::StorageLost() {
  return connection_lost_ || connection_.database().failed() ||
         (begun_ && !connection_.transaction().active());
}

}  // namespace claviger::store
