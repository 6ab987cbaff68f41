#include "daemon/store/sqlite_error.h"

#include <sqlcipher/sqlite3.h>

#include <string>
#include <system_error>

namespace claviger::store {
namespace {

struct Meaning {
  ErrorCode code;
  std::string_view sentence;
};

Meaning ConstraintMeaning(int extended) {
  switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return {ErrorCode::kConflict, "the database has such a row already"};
    default:
      return {ErrorCode::kInternal, "the database refused content that breaks its own rules"};
  }
}

Meaning IoMeaning(int extended) {
  switch (extended) {
    case SQLITE_IOERR_NOMEM:
      return {ErrorCode::kUnavailable, "out of memory: give the daemon more"};
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_DIR_FSYNC:
      return {ErrorCode::kUnavailable,
              "the disk did not confirm a write to the database: check the disk and the kernel's messages"};
    default:
      return {ErrorCode::kUnavailable,
              "reading or writing the database failed: check the disk and the kernel's messages"};
  }
}

// An empty sentence means that only SQLite's own text says it.
Meaning MeaningOf(int extended) {
  switch (extended & 0xff) {
    case SQLITE_NOTADB:
      return {ErrorCode::kCorrupt,
              "this token's key does not open the database, or its file is damaged: use the token that "
              "made it, or restore a backup"};
    case SQLITE_CORRUPT:
      return {ErrorCode::kCorrupt, "the content of the database is damaged: restore a backup"};
    case SQLITE_FULL:
      return {ErrorCode::kUnavailable, "the disk that holds the database is full: free some space"};
    case SQLITE_IOERR:
      return IoMeaning(extended);
    case SQLITE_READONLY:
      return {ErrorCode::kUnavailable,
              "the database cannot be written: its file and folder must belong to the daemon's user"};
    case SQLITE_CANTOPEN:
      return {ErrorCode::kUnavailable,
              "the database cannot be opened: its folder must exist and belong to the daemon's user"};
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {ErrorCode::kUnavailable,
              "access to the database was refused: check owner and mode of its file"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return {ErrorCode::kConflict, "another process has the database open: end it first"};
    case SQLITE_NOMEM:
      return {ErrorCode::kUnavailable, "out of memory: give the daemon more"};
    case SQLITE_TOOBIG:
      return {ErrorCode::kLimitExceeded, "the content is too large for one row"};
    case SQLITE_CONSTRAINT:
      return ConstraintMeaning(extended);
    default:
      return {ErrorCode::kInternal, {}};
  }
}

}  // namespace

Error SqliteError(int code, std::string_view what, std::string_view detail, int system_errno) {
  const Meaning meaning = MeaningOf(code);
  std::string message(what);
  message += ": ";
  message += meaning.sentence.empty() ? detail : meaning.sentence;
  if (meaning.code == ErrorCode::kInternal) {
    if (!meaning.sentence.empty()) message.append(" (").append(detail).append(")");
    message += ", SQLite code " + std::to_string(code);
  } else if (IsStorageFailure(code) && system_errno != 0) {
    message += " (" + std::generic_category().message(system_errno) + ")";
  }
  return Error(meaning.code, std::move(message));
}

bool IsStorageFailure(int code) {
  switch (code & 0xff) {
    case SQLITE_IOERR:
      return code != SQLITE_IOERR_NOMEM;
    case SQLITE_FULL:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return true;
    default:
      return false;
  }
}

}  // namespace claviger::store
