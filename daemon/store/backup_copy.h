// A copy of an open database into another keyed file, page by page, while work on it goes on.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "daemon/store/database.h"

struct sqlite3_backup;

namespace claviger::store {

// Thread-compatible; belongs to the thread of `source`, which must outlive it. What is written on the
// source's connection between two steps reaches the copied pages too, so that the whole copy is the source as
// it is when the last step ends. Debian's SQLCipher would also copy into a file without a key: the
// destination always has one.
class DatabaseCopy {
 public:
  static constexpr int kPagesPerStep = 128;  // of 4 KiB: a few milliseconds
  // A rollback makes SQLite begin anew; after so many of these the rest is copied in one step.
  static constexpr int kMaxRestarts = 4;

  // Into `path`, which must not exist. kConflict if it does.
  static Result<std::unique_ptr<DatabaseCopy>> Start(Database& source, const std::string& path,
                                                     const Secret& key);
  ~DatabaseCopy();
  DatabaseCopy(const DatabaseCopy&) = delete;
  DatabaseCopy& operator=(const DatabaseCopy&) = delete;

  // Copies up to `pages` (negative: all). True: that was the last, and the copy can be opened once this
  // object is gone. Not while a transaction is open on the source.
  Result<bool> Step(int pages = kPagesPerStep);

 private:
  explicit DatabaseCopy(std::unique_ptr<Database> destination) : destination_(std::move(destination)) {}
  // False once the source began anew too often.
  bool MayStep();
  Status Finish();

  std::unique_ptr<Database> destination_;
  sqlite3_backup* backup_ = nullptr;
  int copied_ = 0;  // pages
  int restarts_ = 0;
};

// The whole of `source` at once.
Status CopyDatabase(Database& source, const std::string& path, const Secret& key);

}  // namespace claviger::store
