#include "daemon/store/backup_copy.h"

#include <sqlcipher/sqlite3.h>
#include <unistd.h>

#include <utility>

#include "daemon/store/statement.h"

namespace claviger::store {

Result<std::unique_ptr<DatabaseCopy>> DatabaseCopy::Start(Database& source, const std::string& path,
                                                          const Secret& key) {
  if (::access(path.c_str(), F_OK) == 0) {
    return Error(ErrorCode::kConflict, path + " exists already: remove it");
  }
  Result<std::unique_ptr<Database>> destination = Database::OpenBare(path, key);
  if (!destination) return destination.error();
  // The file is synced once it is whole; half of a copy is of no use to anyone.
  if (Status s = (*destination)->Execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF"); !s)
    return s.error();
  std::unique_ptr<DatabaseCopy> copy(new DatabaseCopy(std::move(*destination)));
  copy->backup_ = sqlite3_backup_init(copy->destination_->handle(), "main", source.handle(), "main");
  if (copy->backup_ == nullptr) return copy->destination_->LastError("beginning a copy");
  return copy;
}

DatabaseCopy::~DatabaseCopy() {
  if (backup_ != nullptr) sqlite3_backup_finish(backup_);
}

Result<bool> DatabaseCopy::Step(int pages) {
  const int code = sqlite3_backup_step(backup_, MayStep() ? pages : -1);
  if (code == SQLITE_DONE) {
    if (Status s = Finish(); !s) return s.error();
    return true;
  }
  if (code != SQLITE_OK) {
    // Finishing tells the destination's handle what happened.
    static_cast<void>(Finish());
    return Error(ErrorCode::kUnavailable, std::string("the copy of the database failed: ") +
                                              sqlite3_errstr(code) + "; make room and try again");
  }
  return false;
}

bool DatabaseCopy::MayStep() {
  const int copied = sqlite3_backup_pagecount(backup_) - sqlite3_backup_remaining(backup_);
  // After a restart a step copies the first pages again.
  if (copied_ > 0 && copied <= copied_) ++restarts_;
  copied_ = copied;
  return restarts_ < kMaxRestarts;
}

Status DatabaseCopy::Finish() {
  const int code = sqlite3_backup_finish(std::exchange(backup_, nullptr));
  if (code != SQLITE_OK) {
    return Error(ErrorCode::kUnavailable,
                 std::string("the copy of the database failed: ") + sqlite3_errstr(code));
  }
  // The first page says that there is a write-ahead log, as it does in the source; a copy is one file.
  return destination_->Execute("PRAGMA journal_mode = DELETE; PRAGMA wal_checkpoint");
}

Status CopyDatabase(Database& source, const std::string& path, const Secret& key) {
  auto copy = DatabaseCopy::Start(source, path, key);
  if (!copy) return copy.error();
  Result<bool> whole = (*copy)->Step(-1);
  if (!whole) return whole.error();
  return Ok();
}

}  // namespace claviger::store
