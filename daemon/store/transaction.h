// The transaction of a commit group and the savepoints inside it.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/result.h"
#include "daemon/store/database.h"
#include "daemon/store/statement.h"

namespace claviger::store {

// Thread-compatible; lives on the store thread; `database` must outlive it. At most one transaction and one
// savepoint are open at a time.
class Transaction {
 public:
  static Result<std::unique_ptr<Transaction>> Create(Database& database);

  // BEGIN IMMEDIATE.
  Status Begin();
  Status Savepoint();
  // The savepoint's writes become part of the transaction.
  Status Release();
  // Undoes everything since Savepoint and removes it.
  Status Undo();
  // Durable when it returns Ok. After an error the outcome is unknown if the storage failed.
  Status Commit();
  // Undoes the transaction if one is open. An error is ignored: it means that the storage undid it or has
  // failed, and the connection is closed then.
  void Rollback();

  // True while a transaction is open; SQLite ends one by itself after some errors.
  bool active() const;
  // Rows written on this connection so far: equal before and after = nothing was written between.
  int total_changes() const;

 private:
  Transaction(Database& database, std::vector<Statement> statements)
      : database_(database), statements_(std::move(statements)) {}

  Database& database_;
  std::vector<Statement> statements_;
};

}  // namespace claviger::store
