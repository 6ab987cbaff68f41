#include "daemon/store/transaction.h"

#include <sqlcipher/sqlite3.h>

namespace claviger::store {
namespace {

enum Sql { kBegin, kSavepoint, kRelease, kRollbackTo, kCommit, kRollback };

}  // namespace

Result<std::unique_ptr<Transaction>> Transaction::Create(Database& database) {
  // In the order of enum Sql.
  Result<std::vector<Statement>> statements = PrepareAll(
      database,
      {"BEGIN IMMEDIATE", "SAVEPOINT work", "RELEASE work", "ROLLBACK TO work", "COMMIT", "ROLLBACK"});
  if (!statements) return statements.error();
  return std::unique_ptr<Transaction>(new Transaction(database, std::move(*statements)));
}

Status Transaction::Begin() { return statements_[kBegin].Run(); }
Status Transaction::Savepoint() { return statements_[kSavepoint].Run(); }
Status Transaction::Release() { return statements_[kRelease].Run(); }

Status Transaction::Undo() {
  if (Status s = statements_[kRollbackTo].Run(); !s) return s;
  return Release();
}

Status Transaction::Commit() { return statements_[kCommit].Run(); }

void Transaction::Rollback() {
  if (active()) static_cast<void>(statements_[kRollback].Run());
}

bool Transaction::active() const { return sqlite3_get_autocommit(database_.handle()) == 0; }
int Transaction::total_changes() const { return sqlite3_total_changes(database_.handle()); }

}  // namespace claviger::store
