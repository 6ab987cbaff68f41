#include "daemon/store/database.h"

#include <malloc.h>
#include <sqlcipher/sqlite3.h>

#include <array>
#include <cstdlib>
#include <span>
#include <utility>

#include "daemon/store/backup_copy.h"
#include "daemon/store/database_file.h"
#include "daemon/store/migrations.h"
#include "daemon/store/sqlite_error.h"
#include "daemon/store/statement.h"
#include "daemon/store/statement_cache.h"

namespace claviger::store {
namespace {

constexpr int kKeptCacheBytes = 4 * 1024 * 1024;

struct Setting {
  const char* set;
  const char* read;
  std::string_view expected;
};

// Read back because SQLite and SQLCipher ignore what they do not know without a word. These two come before
// anything is read. Exclusive locking keeps the WAL's index in memory: no -shm file, no second connection.
constexpr Setting kPageSize = {"PRAGMA cipher_page_size = 4096", "PRAGMA cipher_page_size", "4096"};
constexpr Setting kExclusive = {"PRAGMA locking_mode = EXCLUSIVE", "PRAGMA locking_mode", "exclusive"};
constexpr std::array kSettings = {
    Setting{"PRAGMA journal_mode = WAL", "PRAGMA journal_mode", "wal"},
    Setting{"PRAGMA synchronous = FULL", "PRAGMA synchronous", "2"},
    Setting{"PRAGMA foreign_keys = ON", "PRAGMA foreign_keys", "1"},
    Setting{"PRAGMA secure_delete = ON", "PRAGMA secure_delete", "1"},
    Setting{"PRAGMA temp_store = MEMORY", "PRAGMA temp_store", "2"},
    Setting{"PRAGMA cell_size_check = ON", "PRAGMA cell_size_check", "1"},
    Setting{"PRAGMA cache_size = -65536", "PRAGMA cache_size", "-65536"},  // at most 64 MiB
};

// The first column of the first row, or "" if there is no row.
Result<std::string> ReadText(Database& database, const char* sql) {
  Result<Statement> statement = Statement::Prepare(database, sql);
  if (!statement) return statement.error();
  Result<bool> row = statement->Step();
  if (!row) return row.error();
  return *row ? statement->Text(0) : std::string();
}

Status Apply(Database& database, const Setting& setting) {
  if (Result<std::string> set = ReadText(database, setting.set); !set) return set.error();
  Result<std::string> actual = ReadText(database, setting.read);
  if (!actual) return actual.error();
  if (*actual != setting.expected) {
    return Error(ErrorCode::kUnsupported, std::string(setting.set) + " has no effect here (it reads \"" +
                                              *actual +
                                              "\"): use the SQLCipher library of Debian 12 or a newer one");
  }
  return Ok();
}

}  // namespace

Result<std::unique_ptr<Database>> Database::Open(const std::string& path, const Secret& key) {
  if (key.size() != kDatabaseKeyBytes) {
    return Error(ErrorCode::kInvalidArgument, "the database key has a wrong length: it must have 32 bytes");
  }
  Result<UniqueFd> lock = LockDatabase(path);
  if (!lock) return lock.error();
  Result<bool> made = PrepareDatabaseFile(path);
  if (!made) return made.error();

  std::unique_ptr<Database> database(new Database);
  database->lock_ = std::move(*lock);
  const auto step = [&](Status status) -> Status {
    return status ? std::move(status) : Status(status.error().WithContext("opening " + path));
  };
  if (Status s = step(database->ConnectConfigured(path.c_str(), key)); !s) return s.error();
  const Result<bool> migrated = Migrate(*database);
  if (!migrated) return migrated.error().WithContext("opening " + path);
  if (*migrated) {
    database->Disconnect();
    if (Status s = step(database->ConnectConfigured(path.c_str(), key)); !s) return s.error();
  }
  if (Status s = step(CheckSchema(*database)); !s) return s.error();
  if (Status s = step(database->EmptyWriteAheadLog()); !s) return s.error();
  if (Status s = step(database->CheckEncrypted()); !s) return s.error();
  if (*made) {
    if (Status s = SyncFolderOf(path); !s) return s.error();
  }
  return database;
}

Result<std::unique_ptr<Database>> Database::OpenInMemory() {
  std::unique_ptr<Database> database(new Database);
  if (Status s = database->Connect(":memory:"); !s) return s.error();
  return database;
}

Result<std::unique_ptr<Database>> Database::OpenBare(const std::string& path, const Secret& key) {
  if (key.size() != kDatabaseKeyBytes) {
    return Error(ErrorCode::kInvalidArgument, "the database key has a wrong length: it must have 32 bytes");
  }
  if (Result<bool> made = PrepareDatabaseFile(path); !made) return made.error();
  std::unique_ptr<Database> database(new Database);
  const auto step = [&](Status status) -> Status {
    return status ? std::move(status) : Status(status.error().WithContext("opening " + path));
  };
  if (Status s = step(database->Connect(path.c_str())); !s) return s.error();
  if (Status s = step(database->SetKey(key)); !s) return s.error();
  if (Status s = step(database->CheckCipher()); !s) return s.error();
  if (Status s = step(Apply(*database, kExclusive)); !s) return s.error();
  Result<std::string> read = ReadText(*database, "SELECT count(*) FROM sqlite_master");
  if (!read) return read.error().WithContext("opening " + path);
  return database;
}

Database::Database() : statements_(std::make_unique<StatementCache>(*this)) {}

Database::~Database() {
  copy_.reset();
  statements_.reset();
  Disconnect();
}

Status Database::Execute(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    return LastError("running a statement");
  return Ok();
}

std::int64_t Database::LastInsertRow() const { return sqlite3_last_insert_rowid(handle_); }

int Database::ChangedRows() const { return sqlite3_changes(handle_); }

void Database::ReleaseMemory() {
  int used = 0;
  int highest = 0;
  if (sqlite3_db_status(handle_, SQLITE_DBSTATUS_CACHE_USED, &used, &highest, 0) != SQLITE_OK) return;
  if (used < kKeptCacheBytes) return;
  sqlite3_db_release_memory(handle_);
  malloc_trim(0);
}

Error Database::LastError(std::string_view what) {
  const int code = sqlite3_extended_errcode(handle_);
  if (IsStorageFailure(code)) failed_ = true;
  return SqliteError(code, what, sqlite3_errmsg(handle_), sqlite3_system_errno(handle_));
}

Status Database::Connect(const char* path) {
  constexpr int kFlags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  if (sqlite3_open_v2(path, &handle_, kFlags, nullptr) != SQLITE_OK) return LastError("connecting");
  sqlite3_extended_result_codes(handle_, 1);
  return Ok();
}

void Database::Disconnect() {
  // Fails only while statements are alive, which contradicts the rule that the database outlives them.
  if (sqlite3_close(handle_) != SQLITE_OK) std::abort();
  handle_ = nullptr;
}

Status Database::ConnectConfigured(const char* path, const Secret& key) {
  if (Status s = Connect(path); !s) return s;
  if (Status s = SetKey(key); !s) return s;
  if (Status s = CheckCipher(); !s) return s;
  return Configure();
}

Status Database::SetKey(const Secret& key) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  WipingBuffer literal;
  literal.reserve(2 * kDatabaseKeyBytes + 3);
  literal.push_back('x');
  literal.push_back('\'');
  for (const std::uint8_t byte : key.ExposeBytes()) {
    literal.push_back(kDigits[byte >> 4]);
    literal.push_back(kDigits[byte & 15]);
  }
  literal.push_back('\'');
  if (sqlite3_key_v2(handle_, "main", literal.data(), static_cast<int>(literal.size())) != SQLITE_OK) {
    return LastError("setting the key");
  }
  return Ok();
}

Status Database::CheckCipher() {
  Result<std::string> version = ReadText(*this, "PRAGMA cipher_version");
  if (!version) return version.error();
  if (version->empty()) {
    return Error(ErrorCode::kUnsupported,
                 "the SQLite library that was loaded does not encrypt: link libsqlcipher");
  }
  // Files keep the format of SQLCipher 3, so that an upgrade of the host changes nothing.
  if (std::atoi(version->c_str()) >= 4) {
    if (Status s = Execute("PRAGMA cipher_compatibility = 3"); !s) return s;
  }
  return Apply(*this, kPageSize);
}

Status Database::Configure() {
  if (Status s = Apply(*this, kExclusive); !s) return s;
  // The first read: it fails if the key is not this file's.
  if (Result<std::string> read = ReadText(*this, "SELECT count(*) FROM sqlite_master"); !read)
    return read.error();
  for (const Setting& setting : kSettings) {
    if (Status s = Apply(*this, setting); !s) return s;
  }
  return Ok();
}

// After a failed fsync, pages of the log that look written may never reach the disk, and what is appended
// behind them would be lost with them; so each connection begins with an empty log. A full disk does not
// forbid reading.
Status Database::EmptyWriteAheadLog() {
  const int code = sqlite3_wal_checkpoint_v2(handle_, "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code == SQLITE_OK || (code & 0xff) == SQLITE_FULL) return Ok();
  return LastError("emptying the write-ahead log");
}

Status Database::CheckEncrypted() {
  constexpr std::string_view kPlain = "SQLite format 3";
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(handle_, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
      file == nullptr) {
    return LastError("finding the file");
  }
  std::array<char, 16> head{};
  if (file->pMethods->xRead(file, head.data(), static_cast<int>(head.size()), 0) != SQLITE_OK) {
    return Error(ErrorCode::kUnavailable, "its first bytes cannot be read: check the disk");
  }
  if (std::string_view(head.data(), kPlain.size()) == kPlain) {
    return Error(ErrorCode::kUnsupported, "the file is not encrypted: link libsqlcipher and remove the file");
  }
  return Ok();
}

}  // namespace claviger::store
