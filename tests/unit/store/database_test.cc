#include "daemon/store/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlcipher/sqlite3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "daemon/store/key_repository.h"
#include "daemon/store/migrations.h"
#include "tests/unit/store/sample.h"

namespace claviger::store {
namespace {

using testing::HasSubstr;

std::string Content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class DatabaseTest : public testing::Test {
 protected:
  // The error of opening, which must fail.
  Error Refusal(const Secret& key = SampleKey()) {
    Result<std::unique_ptr<Database>> database = Database::Open(path_, key);
    if (database) {
      ADD_FAILURE() << "it opened";
      return Error(ErrorCode::kInternal, "");
    }
    return database.error();
  }
  // Makes the database and runs `sql` in it, as something else that has the key would.
  void Tamper(const char* sql) {
    const std::unique_ptr<Database> database = OpenSample(path_);
    ASSERT_NE(database, nullptr);
    Status done = database->Execute(sql);
    ASSERT_TRUE(done) << done.error().message();
  }

  const TempFolder folder_;
  const std::string path_ = folder_.File("keys.db");
};

TEST_F(DatabaseTest, KeepsItsContentAcrossOpenings) {
  Tamper("UPDATE meta SET value = 42");
  const std::unique_ptr<Database> database = OpenSample(path_);
  ASSERT_NE(database, nullptr);
  EXPECT_EQ(QueryInt(*database, "SELECT value FROM meta"), 42);
}

TEST_F(DatabaseTest, HasNoReadableByteOnDisk) {
  const std::unique_ptr<Database> database = OpenSample(path_);
  ASSERT_NE(database, nullptr);
  Result<std::unique_ptr<KeyRepository>> keys = KeyRepository::Create(*database);
  ASSERT_TRUE(keys);
  keys::KeyRecord record = SampleRecord(1);
  record.name = "canary-of-the-store";
  ASSERT_TRUE((*keys)->Insert(record));
  const std::string log = Content(path_ + "-wal");
  ASSERT_GT(log.size(), 4096U);
  EXPECT_EQ(log.find("canary"), std::string::npos);
  ASSERT_TRUE(database->Execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  const std::string file = Content(path_);
  ASSERT_GT(file.size(), 4096U);
  for (const char* word : {"canary", "SQLite format", "CREATE TABLE", "key_id"}) {
    EXPECT_EQ(file.find(word), std::string::npos) << word;
  }
}

TEST_F(DatabaseTest, MakesFilesForItsOwnerAloneAndNoSharedMemory) {
  const mode_t before = umask(0);
  const std::unique_ptr<Database> database = OpenSample(path_);
  umask(before);
  ASSERT_NE(database, nullptr);
  ASSERT_TRUE(database->Execute("UPDATE meta SET value = 1"));
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(path_).parent_path())) {
    ++files;
    EXPECT_EQ(entry.status().permissions(), std::filesystem::perms(0600)) << entry.path();
  }
  EXPECT_EQ(files, 3);  // the database, its write-ahead log, its lock
  EXPECT_FALSE(std::filesystem::exists(path_ + "-shm"));
}

TEST_F(DatabaseTest, SetsWhatItsPromisesNeed) {
  const std::unique_ptr<Database> database = OpenSample(path_);
  ASSERT_NE(database, nullptr);
  EXPECT_EQ(QueryInt(*database, "PRAGMA synchronous"), 2);
  EXPECT_EQ(QueryInt(*database, "PRAGMA foreign_keys"), 1);
  EXPECT_EQ(QueryInt(*database, "PRAGMA secure_delete"), 1);
  EXPECT_EQ(QueryInt(*database, "PRAGMA page_size"), 4096);
  EXPECT_EQ(QueryInt(*database, "PRAGMA cache_size"), -65536);
}

TEST_F(DatabaseTest, RefusesAnotherKey) {
  Tamper("UPDATE meta SET value = 1");
  const Error error = Refusal(SampleKey(0x11));
  EXPECT_EQ(error.code(), ErrorCode::kCorrupt);
  EXPECT_THAT(error.message(), HasSubstr("this token's key does not open the database"));
  EXPECT_THAT(error.message(), HasSubstr(path_));
  EXPECT_NE(OpenSample(path_), nullptr);  // the attempt did it no harm
}

TEST_F(DatabaseTest, CannotBeReadWithoutAKey) {
  Tamper("UPDATE meta SET value = 1");
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &handle), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(handle, "SELECT * FROM meta", nullptr, nullptr, nullptr), SQLITE_NOTADB);
  sqlite3_close(handle);
}

TEST_F(DatabaseTest, RefusesAKeyOfAnotherLength) {
  for (const std::size_t size : {0U, 16U, 31U, 33U}) {
    EXPECT_EQ(Refusal(Secret(std::vector<std::uint8_t>(size, 1))).code(), ErrorCode::kInvalidArgument)
        << size;
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(DatabaseTest, RefusesAPlaintextDatabase) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &handle), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(handle, "CREATE TABLE key (id)", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(handle);
  const std::string before = Content(path_);
  EXPECT_EQ(Refusal().code(), ErrorCode::kCorrupt);
  EXPECT_EQ(Content(path_), before);
}

TEST_F(DatabaseTest, RefusesAFileThatIsNoDatabase) {
  std::ofstream(path_) << std::string(8192, 'x');
  EXPECT_EQ(Refusal().code(), ErrorCode::kCorrupt);
}

TEST_F(DatabaseTest, NoticesAChangedByteInAPage) {
  Tamper("UPDATE meta SET value = 1");
  {
    std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(500);
    file.put('!');
  }
  EXPECT_EQ(Refusal().code(), ErrorCode::kCorrupt);
}

TEST_F(DatabaseTest, RefusesASecondOpener) {
  const std::unique_ptr<Database> database = OpenSample(path_);
  ASSERT_NE(database, nullptr);
  const Error error = Refusal();
  EXPECT_EQ(error.code(), ErrorCode::kConflict);
  EXPECT_THAT(error.message(), HasSubstr("another process"));
}

TEST_F(DatabaseTest, KeepsOthersOutEvenIfTheyIgnoreTheLockFile) {
  const std::unique_ptr<Database> database = OpenSample(path_);
  ASSERT_NE(database, nullptr);
  ASSERT_TRUE(std::filesystem::remove(path_ + ".lock"));
  EXPECT_EQ(Refusal().code(), ErrorCode::kConflict);
}

TEST_F(DatabaseTest, SaysWhenTheFolderIsMissing) {
  Result<std::unique_ptr<Database>> database = Database::Open(folder_.File("missing/db"), SampleKey());
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().code(), ErrorCode::kUnavailable);
}

TEST_F(DatabaseTest, RefusesANewerVersionAndLeavesItAsItIs) {
  Tamper("PRAGMA user_version = 99");
  const Error error = Refusal();
  EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
  EXPECT_THAT(error.message(), HasSubstr("version 99"));
  EXPECT_EQ(Refusal().code(), ErrorCode::kUnsupported);
}

TEST_F(DatabaseTest, RefusesTablesWithoutAVersion) {
  Tamper("PRAGMA user_version = 0");
  EXPECT_EQ(Refusal().code(), ErrorCode::kCorrupt);
}

struct SchemaChange {
  const char* sql;
  const char* object;
};

TEST_F(DatabaseTest, NamesEveryObjectThatIsNotAsTheSchemaSays) {
  const SchemaChange changes[] = {
      {"CREATE TRIGGER t AFTER INSERT ON key BEGIN DELETE FROM audit; END", "trigger \"t\""},
      {"CREATE VIEW v AS SELECT * FROM key", "view \"v\""},
      {"CREATE TABLE extra (a)", "table \"extra\""},
      {"DROP INDEX audit_by_subject", "index \"audit_by_subject\""},
      {"DROP INDEX audit_by_subject; CREATE INDEX audit_by_subject ON audit (subject)",
       "index \"audit_by_subject\""},
      {"ALTER TABLE key ADD COLUMN more TEXT", "table \"key\""},
      {"DROP TABLE audit", "audit"},
  };
  for (const SchemaChange& change : changes) {
    const std::string path = folder_.File(std::to_string(&change - changes));
    {
      const std::unique_ptr<Database> database = OpenSample(path);
      ASSERT_NE(database, nullptr);
      ASSERT_TRUE(database->Execute(change.sql)) << change.sql;
    }
    Result<std::unique_ptr<Database>> opened = Database::Open(path, SampleKey());
    ASSERT_FALSE(opened) << change.sql;
    EXPECT_EQ(opened.error().code(), ErrorCode::kCorrupt) << change.sql;
    EXPECT_THAT(opened.error().message(), HasSubstr(change.object));
  }
}

TEST_F(DatabaseTest, MigratesOnceAndThenChangesNothing) {
  const std::unique_ptr<Database> database = OpenSample(path_);
  ASSERT_NE(database, nullptr);
  EXPECT_EQ(QueryInt(*database, "PRAGMA user_version"), kSchemaVersion);
  ASSERT_TRUE(database->Execute("UPDATE meta SET value = 5"));
  const std::int64_t schema = QueryInt(*database, "PRAGMA schema_version");
  EXPECT_EQ(Migrate(*database).value(), false);
  EXPECT_EQ(Migrate(*database).value(), false);
  EXPECT_TRUE(CheckSchema(*database));
  EXPECT_EQ(QueryInt(*database, "PRAGMA schema_version"), schema);
  EXPECT_EQ(QueryInt(*database, "SELECT value FROM meta"), 5);
}

TEST_F(DatabaseTest, AFailedMigrationLeavesNothing) {
  Result<std::unique_ptr<Database>> database = Database::OpenInMemory();
  ASSERT_TRUE(database);
  // Enough for the smaller tables of the first step, not for all.
  sqlite3_limit((*database)->handle(), SQLITE_LIMIT_COLUMN, 19);
  EXPECT_FALSE(Migrate(**database));
  EXPECT_EQ(QueryInt(**database, "SELECT count(*) FROM sqlite_master"), 0);
  EXPECT_EQ(QueryInt(**database, "PRAGMA user_version"), 0);
}

TEST_F(DatabaseTest, BeginsWithAnEmptyWriteAheadLogAfterACrash) {
  {
    const std::unique_ptr<Database> database = OpenSample(path_);
    ASSERT_NE(database, nullptr);
    ASSERT_TRUE(database->Execute("UPDATE meta SET value = 9"));
    // What a crash leaves: the file and its log, copied while they are in use.
    std::filesystem::copy_file(path_, folder_.File("crashed"));
    std::filesystem::copy_file(path_ + "-wal", folder_.File("crashed-wal"));
  }
  ASSERT_GT(std::filesystem::file_size(folder_.File("crashed-wal")), 0U);
  const std::unique_ptr<Database> database = OpenSample(folder_.File("crashed"));
  ASSERT_NE(database, nullptr);
  EXPECT_EQ(QueryInt(*database, "SELECT value FROM meta"), 9);
  EXPECT_EQ(std::filesystem::file_size(folder_.File("crashed-wal")), 0U);
}

TEST_F(DatabaseTest, GivesMemoryBackAndGoesOn) {
  const std::unique_ptr<Database> database = OpenSample(path_);
  ASSERT_NE(database, nullptr);
  ASSERT_TRUE(database->Execute("INSERT INTO notice (at, event, body) VALUES (1, 'e', zeroblob(16000000))"));
  const auto used = [&database] {
    int now = 0;
    int highest = 0;
    EXPECT_EQ(sqlite3_db_status(database->handle(), SQLITE_DBSTATUS_CACHE_USED, &now, &highest, 0),
              SQLITE_OK);
    return now;
  };
  ASSERT_EQ(QueryInt(*database, "SELECT length(hex(body)) FROM notice"), 32000000);
  EXPECT_GT(used(), 8 * 1024 * 1024);
  database->ReleaseMemory();
  EXPECT_LT(used(), 1024 * 1024);
  EXPECT_EQ(QueryInt(*database, "SELECT length(hex(body)) FROM notice"), 32000000);
}

}  // namespace
}  // namespace claviger::store
