// The SQLCipher database: one connection, raw key from the token, strict settings that are read back.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

struct sqlite3;

namespace claviger::store {

// Thread-compatible; lives on the store thread. The only connection to its file in the process (Debian's SQLite needs
// that: it has a WAL bug with two), guarded across processes by a lock file beside it.
class Database {
 public:
  // Opens or creates `path`, keys it with `key` (32 bytes, raw), sets and reads back every PRAGMA, migrates to the newest
  // schema in one transaction, and compares the schema with the expected one. kCorrupt: not readable with this key, or a
  // schema that is not ours; kConflict: another process has it open; kUnavailable: disk; kUnsupported: made by a newer
  // version of the program.
  static Result<std::unique_ptr<Database>> Open(const std::string& path, const Secret& key);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs SQL without parameters or rows.
  Status Execute(const char* sql);
  // True after an error of the storage itself (I/O, full, corrupt): what was not committed may or may not be on disk, so
  // nothing more is asked of this connection; open it anew.
  bool failed() const { return failed_; }
  sqlite3* handle() const { return handle_; }  // for Statement only

  // The error of the last call on this connection, translated; marks the connection failed where that is due.
  Error LastError(std::string_view what);

 private:
  Database() = default;
  sqlite3* handle_ = nullptr;
  int lock_fd_ = -1;
  bool failed_ = false;
};

}  // namespace claviger::store
