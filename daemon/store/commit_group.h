// One group of works and the one transaction that makes their writes durable together.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "daemon/store/connection.h"
#include "daemon/store/store_thread.h"

namespace claviger::store {

struct WorkItem {
  WorkKind kind = WorkKind::kRead;
  StoreThread::Work work;
  StoreThread::Done done;
};

// Used once: Run, then Answer. Thread-compatible; lives on the store thread; both references must outlive it.
class CommitGroup {
 public:
  CommitGroup(Connection& connection, const StoreThread::Hooks& hooks)
      : connection_(connection), hooks_(hooks) {}

  // Runs `items` in order and commits what they wrote. The transaction begins at the first write; what is run
  // while none is open is answered at once. Stops behind the item at which the storage failed. How many items
  // were run; the others are untouched. `items` must outlive Answer().
  std::size_t Run(std::span<WorkItem> items);
  // Tells every item that was run and not yet answered what became of it, in order.
  void Answer();
  // True if the connection must be given up: nothing of the group is certain.
  bool connection_lost() const { return connection_lost_; }

 private:
  struct Outcome {
    const WorkItem* item;
    Status status;
  };

  // One more item; false: the storage has failed.
  bool Take(const WorkItem& item);
  Status RunItem(const WorkItem& item);
  Status RunWrite(const WorkItem& item);
  // Undoes the transaction and takes again all that was not answered, each in a savepoint.
  bool TakeAgain();
  // Undoes the work, which is all that the transaction holds, and the transaction with it.
  Status UndoAlone();
  Status Call(const StoreThread::Work& work);
  void Commit();
  void Abandon(const Error& error);
  bool StorageLost();

  Connection& connection_;
  const StoreThread::Hooks& hooks_;
  std::vector<Outcome> outcomes_;
  bool begun_ = false;
  bool wrote_ = false;
  bool savepoints_ = false;  // something is in the transaction that cannot be run again, or was run twice
  bool again_ = false;       // a work without a savepoint has to be undone
  bool connection_lost_ = false;
};

}  // namespace claviger::store
