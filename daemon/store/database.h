// The SQLCipher database: one connection, raw key from the token, strict settings that are read back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "base/unique_fd.h"

struct sqlite3;

namespace claviger::store {

class DatabaseCopy;
class StatementCache;

inline constexpr std::size_t kDatabaseKeyBytes = 32;

// Thread-compatible; lives on the store thread. The only connection to its file in the process (Debian's
// SQLite needs that: it has a WAL bug with two), guarded across processes by a lock file beside it and by
// SQLite's exclusive locking.
class Database {
 public:
  // Opens or creates `path`, keys it with `key` (kDatabaseKeyBytes, raw), sets and reads back every PRAGMA,
  // migrates to the newest schema in one transaction, and compares the schema with the expected one.
  // kCorrupt: not readable with this key, or a schema that is not ours; kConflict: another process has it
  // open; kUnavailable: disk; kUnsupported: made by a newer version of the program, or the library does not
  // encrypt; kInvalidArgument: a key of another length.
  static Result<std::unique_ptr<Database>> Open(const std::string& path, const Secret& key);
  // An empty one without a schema, in memory, unencrypted, gone with the object: what the expected schema is
  // made in.
  static Result<std::unique_ptr<Database>> OpenInMemory();
  // A file for a copy to fill, or a finished copy to look into: keyed and of our cipher settings, but without
  // write-ahead log, lock, migration or check of the schema. `path` is made if it does not exist, mode 0600.
  // kCorrupt: not readable with this key.
  static Result<std::unique_ptr<Database>> OpenBare(const std::string& path, const Secret& key);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs SQL without parameters or rows; several statements may be separated by semicolons.
  Status Execute(const char* sql);
  // The row that the last INSERT made.
  std::int64_t LastInsertRow() const;
  // How many rows the last INSERT, UPDATE or DELETE wrote.
  int ChangedRows() const;
  // Gives back what a walk over much of the file has left in memory. Not while a statement is running.
  void ReleaseMemory();
  // True after an error of the storage itself (I/O, full, corrupt): what was not committed may or may not be
  // on disk, so nothing more is asked of this connection; open it anew.
  bool failed() const { return failed_; }
  sqlite3* handle() const { return handle_; }  // for Statement, Transaction and DatabaseCopy only
  // Statements that are used again and again; they go before the connection does.
  StatementCache& statements() { return *statements_; }
  // A copy of this database that is under way, if any: it ends with the connection.
  std::unique_ptr<DatabaseCopy>& copy() { return copy_; }

  // The error of the last call on this connection, translated; marks the connection failed where that is due.
  Error LastError(std::string_view what);

 private:
  Database();
  Status Connect(const char* path);
  // As every connection to the live file is.
  Status ConnectConfigured(const char* path, const Secret& key);
  void Disconnect();
  Status SetKey(const Secret& key);
  Status CheckCipher();
  Status Configure();
  Status EmptyWriteAheadLog();
  Status CheckEncrypted();

  UniqueFd lock_;
  sqlite3* handle_ = nullptr;
  bool failed_ = false;
  std::unique_ptr<DatabaseCopy> copy_;
  std::unique_ptr<StatementCache> statements_;
};

}  // namespace claviger::store
