#include "daemon/store/sqlite_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlcipher/sqlite3.h>

#include <cerrno>

namespace claviger::store {
namespace {

using testing::HasSubstr;
using testing::Not;

ErrorCode CodeOf(int code) { return SqliteError(code, "x", "detail", 0).code(); }

TEST(SqliteErrorTest, GivesEachFamilyOfCodesItsKind) {
  EXPECT_EQ(CodeOf(SQLITE_NOTADB), ErrorCode::kCorrupt);
  EXPECT_EQ(CodeOf(SQLITE_CORRUPT), ErrorCode::kCorrupt);
  EXPECT_EQ(CodeOf(SQLITE_FULL), ErrorCode::kUnavailable);
  EXPECT_EQ(CodeOf(SQLITE_IOERR_FSYNC), ErrorCode::kUnavailable);
  EXPECT_EQ(CodeOf(SQLITE_IOERR_READ), ErrorCode::kUnavailable);
  EXPECT_EQ(CodeOf(SQLITE_IOERR_NOMEM), ErrorCode::kUnavailable);
  EXPECT_EQ(CodeOf(SQLITE_NOMEM), ErrorCode::kUnavailable);
  EXPECT_EQ(CodeOf(SQLITE_READONLY), ErrorCode::kUnavailable);
  EXPECT_EQ(CodeOf(SQLITE_CANTOPEN), ErrorCode::kUnavailable);
  EXPECT_EQ(CodeOf(SQLITE_PERM), ErrorCode::kUnavailable);
  EXPECT_EQ(CodeOf(SQLITE_BUSY), ErrorCode::kConflict);
  EXPECT_EQ(CodeOf(SQLITE_LOCKED), ErrorCode::kConflict);
  EXPECT_EQ(CodeOf(SQLITE_CONSTRAINT_UNIQUE), ErrorCode::kConflict);
  EXPECT_EQ(CodeOf(SQLITE_CONSTRAINT_PRIMARYKEY), ErrorCode::kConflict);
  EXPECT_EQ(CodeOf(SQLITE_CONSTRAINT_CHECK), ErrorCode::kInternal);
  EXPECT_EQ(CodeOf(SQLITE_TOOBIG), ErrorCode::kLimitExceeded);
  EXPECT_EQ(CodeOf(SQLITE_MISUSE), ErrorCode::kInternal);
}

TEST(SqliteErrorTest, SaysWhatWasTriedAndWhatToDo) {
  const std::string message =
      SqliteError(SQLITE_FULL, "saving", "database or disk is full", ENOSPC).message();
  EXPECT_EQ(message,
            "saving: the disk that holds the database is full: free some space (No space left on device)");
  EXPECT_THAT(SqliteError(SQLITE_NOTADB, "opening", "", 0).message(),
              HasSubstr("this token's key does not open the database"));
}

TEST(SqliteErrorTest, ShowsSqlitesOwnTextOnlyForDefects) {
  EXPECT_THAT(SqliteError(SQLITE_ERROR, "x", "no such table: y", 0).message(),
              HasSubstr("no such table: y, SQLite code 1"));
  EXPECT_THAT(SqliteError(SQLITE_BUSY, "x", "database is locked", 0).message(), Not(HasSubstr("locked")));
}

TEST(SqliteErrorTest, TellsFailuresOfTheStorageFromOthers) {
  for (const int code : {SQLITE_IOERR_FSYNC, SQLITE_IOERR_WRITE, SQLITE_FULL, SQLITE_CORRUPT, SQLITE_NOTADB,
                         SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_CORRUPT_VTAB}) {
    EXPECT_TRUE(IsStorageFailure(code)) << code;
  }
  for (const int code : {SQLITE_OK, SQLITE_ROW, SQLITE_DONE, SQLITE_CONSTRAINT_UNIQUE, SQLITE_IOERR_NOMEM,
                         SQLITE_NOMEM, SQLITE_BUSY, SQLITE_ERROR}) {
    EXPECT_FALSE(IsStorageFailure(code)) << code;
  }
}

}  // namespace
}  // namespace claviger::store
