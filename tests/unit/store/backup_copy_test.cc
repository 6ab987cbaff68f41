#include "daemon/store/backup_copy.h"

#include <gtest/gtest.h>

#include "daemon/store/backup_file.h"
#include "daemon/store/backup_header.h"
#include "daemon/store/connection.h"
#include "daemon/store/key_repository.h"
#include "tests/unit/store/sample.h"

namespace claviger::store {
namespace {

class BackupCopyTest : public testing::Test {
 protected:
  void SetUp() override {
    Result<std::unique_ptr<Connection>> connection = Connection::Open(folder_.File("keys.db"), SampleKey());
    ASSERT_TRUE(connection) << connection.error().message();
    connection_ = std::move(*connection);
    Insert(1, 2000);
  }
  // The keys first..last, in a transaction of their own.
  void Insert(std::uint32_t first, std::uint32_t last, bool commit = true) {
    ASSERT_TRUE(connection_->transaction().Begin());
    for (std::uint32_t number = first; number <= last; ++number) {
      ASSERT_TRUE(connection_->tables().keys.Insert(SampleRecord(number)));
    }
    if (!commit) return connection_->transaction().Rollback();
    ASSERT_TRUE(connection_->transaction().Commit());
  }
  std::unique_ptr<DatabaseCopy> Start() {
    auto copy = DatabaseCopy::Start(connection_->database(), copy_path_, SampleKey(0x77));
    EXPECT_TRUE(copy) << copy.error().message();
    return copy ? std::move(*copy) : nullptr;
  }
  std::int64_t KeysInCopy() {
    auto copy = Database::OpenBare(copy_path_, SampleKey(0x77));
    if (!copy) {
      ADD_FAILURE() << copy.error().message();
      return -1;
    }
    return QueryInt(**copy, "SELECT count(*) FROM key");
  }

  const TempFolder folder_;
  const std::string copy_path_ = folder_.File("copy.db");
  std::unique_ptr<Connection> connection_;
};

TEST_F(BackupCopyTest, HoldsWhatTheDatabaseHoldsUnderItsOwnKey) {
  ASSERT_TRUE(CopyDatabase(connection_->database(), copy_path_, SampleKey(0x77)));
  EXPECT_EQ(KeysInCopy(), 2000);
  EXPECT_TRUE(CheckNotPlain(copy_path_));
  EXPECT_FALSE(Database::OpenBare(copy_path_, SampleKey()));
  auto opened = Connection::Open(copy_path_, SampleKey(0x77));
  EXPECT_TRUE(opened) << opened.error().message();
}

TEST_F(BackupCopyTest, HasWhatIsWrittenBetweenItsSteps) {
  auto copy = Start();
  ASSERT_NE(copy, nullptr);
  Result<bool> whole = copy->Step(8);
  ASSERT_TRUE(whole) << whole.error().message();
  ASSERT_FALSE(*whole) << "the database is too small for this test";
  Insert(2001, 2100);
  ASSERT_TRUE(connection_->database().Execute("UPDATE key SET name = 'changed' WHERE ref = 1"));
  do {
    whole = copy->Step(8);
    ASSERT_TRUE(whole) << whole.error().message();
  } while (!*whole);
  copy.reset();
  EXPECT_EQ(KeysInCopy(), 2100);
  auto database = Database::OpenBare(copy_path_, SampleKey(0x77));
  ASSERT_TRUE(database);
  EXPECT_EQ(QueryInt(**database, "SELECT count(*) FROM key WHERE name = 'changed'"), 1);
}

TEST_F(BackupCopyTest, EndsAlthoughRollbacksMakeItBeginAnew) {
  auto copy = Start();
  ASSERT_NE(copy, nullptr);
  for (int step = 0; step < 200; ++step) {
    const Result<bool> whole = copy->Step(4);
    ASSERT_TRUE(whole) << whole.error().message();
    if (*whole) {
      copy.reset();
      EXPECT_EQ(KeysInCopy(), 2000);
      return;
    }
    Insert(3000, 3010, false);
  }
  FAIL() << "200 steps were not enough";
}

TEST_F(BackupCopyTest, MayBeLeftBeforeItsEnd) {
  connection_->database().copy() = Start();
  ASSERT_TRUE(connection_->database().copy()->Step(4));
  connection_.reset();
}

TEST_F(BackupCopyTest, IsRefusedWhereAFileIs) {
  ASSERT_TRUE(CopyDatabase(connection_->database(), copy_path_, SampleKey(0x77)));
  const Status again = CopyDatabase(connection_->database(), copy_path_, SampleKey(0x77));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), ErrorCode::kConflict);
}

TEST_F(BackupCopyTest, RefusesAKeyOfAnotherLength) {
  const std::vector<std::uint8_t> none;
  EXPECT_FALSE(CopyDatabase(connection_->database(), copy_path_, Secret(std::span(none))));
}

TEST_F(BackupCopyTest, ASummaryTellsWhatIsThere) {
  const auto summary = Summarise(connection_->database());
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->keys, 2000);
  EXPECT_EQ(summary->audit_records, 0);
  EXPECT_EQ(summary->audit_head, Mac{});
}

}  // namespace
}  // namespace claviger::store
