#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlcipher/sqlite3.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "daemon/store/store_thread.h"
#include "tests/unit/store/fault_vfs.h"
#include "tests/unit/store/sample.h"

namespace claviger::store {
namespace {

using testing::HasSubstr;

class StoreThreadFaultTest : public testing::Test {
 protected:
  void SetUp() override {
    thread_ = std::make_unique<StoreThread>(path_, StoreThread::Hooks{{}, [this] { ++rolled_back_; }});
    ASSERT_TRUE(OpenAndWait(*thread_));
    ASSERT_TRUE(Insert(0));
  }
  Status Insert(std::uint32_t number) {
    return RunAndWait(*thread_, WorkKind::kWrite,
                      [number](Tables& tables) { return tables.keys.Insert(SampleRecord(number)); });
  }
  // The answer, or the error of asking.
  Result<bool> Exists(std::uint32_t number) {
    bool exists = false;
    Status read = RunAndWait(*thread_, WorkKind::kRead, [&exists, number](Tables& tables) -> Status {
      Result<std::optional<keys::KeyRecord>> found = tables.keys.Find(SampleId(number));
      if (!found) return found.error();
      exists = found->has_value();
      return Ok();
    });
    if (!read) return read.error();
    return exists;
  }
  // It is opened again by itself; the test's time limit is the only one.
  void WaitUntilOpen() {
    while (!thread_->is_open()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }

  const TempFolder folder_;
  const std::string path_ = folder_.File("db");
  FaultVfs disk_;
  std::atomic<int> rolled_back_ = 0;
  std::unique_ptr<StoreThread> thread_;
};

TEST_F(StoreThreadFaultTest, AFailedSyncIsAnErrorWithAnUnknownOutcomeAndTheDatabaseIsReadAnew) {
  disk_.FailSyncs(SQLITE_IOERR_FSYNC, 1);
  const Status failed = Insert(1);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(failed.error().message(), HasSubstr("not known"));
  EXPECT_EQ(rolled_back_, 1);
  WaitUntilOpen();
  ASSERT_TRUE(Insert(2));
  const bool outcome = Exists(1).value();
  // Whatever became of it, it is the same before and after a restart, and the rest is there.
  thread_.reset();
  disk_.Heal();
  thread_ = std::make_unique<StoreThread>(path_, StoreThread::Hooks{});
  ASSERT_TRUE(OpenAndWait(*thread_));
  EXPECT_EQ(Exists(1).value(), outcome);
  EXPECT_TRUE(Exists(0).value());
  EXPECT_TRUE(Exists(2).value());
}

TEST_F(StoreThreadFaultTest, EveryWriteOfAGroupLearnsThatItsCommitFailed) {
  Gate gate(*thread_);
  Waiter first, refused, read;
  ASSERT_TRUE(thread_->Submit(
      WorkKind::kWrite, [](Tables& tables) { return tables.keys.Insert(SampleRecord(1)); }, first.done()));
  ASSERT_TRUE(thread_->Submit(
      WorkKind::kWrite, [](Tables& tables) { return tables.keys.Insert(SampleRecord(1)); }, refused.done()));
  ASSERT_TRUE(thread_->Submit(
      WorkKind::kRead, [](Tables&) { return Ok(); }, read.done()));
  disk_.FailSyncs(SQLITE_IOERR_FSYNC, 1);
  gate.Release();
  EXPECT_EQ(first.Get().error().code(), ErrorCode::kUnavailable);
  // That the key exists would be no answer: the write that made it so is uncertain.
  EXPECT_EQ(refused.Get().error().code(), ErrorCode::kUnavailable);
  EXPECT_TRUE(read.Get());  // it came before the writes, and rests on none of them
}

TEST_F(StoreThreadFaultTest, AFullDiskRefusesWritesAndGoesOnReading) {
  disk_.FailWrites(SQLITE_FULL, FaultVfs::kAlways);
  for (int i = 0; i < 3; ++i) {
    const Status full = Insert(1);
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().code(), ErrorCode::kUnavailable);
    EXPECT_THAT(full.error().message(), HasSubstr("full"));
    EXPECT_TRUE(Exists(0).value());
    EXPECT_FALSE(Exists(1).value());
  }
  disk_.Heal();
  EXPECT_TRUE(Insert(1));
  EXPECT_TRUE(Exists(1).value());
}

TEST_F(StoreThreadFaultTest, IsUnavailableWhileItCannotBeReopenedAndComesBackByItself) {
  disk_.FailOpens(SQLITE_CANTOPEN, FaultVfs::kAlways);
  disk_.FailSyncs(SQLITE_IOERR_FSYNC, 1);
  ASSERT_FALSE(Insert(1));
  const Result<bool> read = Exists(0);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::kUnavailable);
  EXPECT_FALSE(thread_->is_open());
  EXPECT_FALSE(Insert(2));
  disk_.Heal();
  WaitUntilOpen();
  EXPECT_TRUE(Exists(0).value());
  EXPECT_FALSE(Exists(2).value());
  EXPECT_TRUE(Insert(2));
}

TEST_F(StoreThreadFaultTest, NothingIsServedWhileTheDiskConfirmsNothing) {
  disk_.FailSyncs(SQLITE_IOERR_FSYNC, FaultVfs::kAlways);
  ASSERT_FALSE(Insert(1));
  EXPECT_FALSE(Insert(2));
  disk_.Heal();
  WaitUntilOpen();
  EXPECT_TRUE(Exists(0).value());
  EXPECT_FALSE(Exists(2).value());
}

TEST_F(StoreThreadFaultTest, AFailedReadAlsoLeadsToANewConnection) {
  // A new connection, so that nothing is in the cache.
  ASSERT_TRUE(CloseAndWait(*thread_));
  ASSERT_TRUE(OpenAndWait(*thread_));
  disk_.FailReads(SQLITE_IOERR_READ, 1);
  const Result<bool> failed = Exists(0);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(rolled_back_, 2);  // closed, and given up
  EXPECT_TRUE(Exists(0).value());
}

TEST_F(StoreThreadFaultTest, CanBeClosedAndOpenedWhileItWaitsToReopen) {
  disk_.FailOpens(SQLITE_CANTOPEN, FaultVfs::kAlways);
  disk_.FailSyncs(SQLITE_IOERR_FSYNC, 1);
  ASSERT_FALSE(Insert(1));
  EXPECT_FALSE(OpenAndWait(*thread_));
  disk_.Heal();
  EXPECT_TRUE(OpenAndWait(*thread_));
  EXPECT_TRUE(Exists(0).value());
  ASSERT_TRUE(CloseAndWait(*thread_));
  EXPECT_FALSE(thread_->is_open());
}

// Each call to the disk fails once: no acknowledged row is lost, no row is there by half, and it always goes
// on.
TEST_F(StoreThreadFaultTest, LosesNothingAcknowledgedWhicheverWriteOrSyncFails) {
  std::vector<std::uint32_t> acknowledged = {0};
  std::uint32_t number = 1;
  for (const bool sync : {false, true}) {
    for (int round = 0; round < 40; ++round, ++number) {
      Gate gate(*thread_);
      Waiter done;
      ASSERT_TRUE(thread_->Submit(
          WorkKind::kWrite,
          [this, sync, round, number](Tables& tables) -> Status {
            Status first = tables.keys.Insert(SampleRecord(number));
            if (!first) return first;
            if (round % 2 == 0)
              sync ? disk_.FailSyncs(SQLITE_IOERR_FSYNC, 1) : disk_.FailWrites(SQLITE_IOERR_WRITE, 1);
            return tables.meta.RememberRequest("alice", std::to_string(number), SampleId(number), 1700000000);
          },
          done.done()));
      gate.Release();
      const bool good = static_cast<bool>(done.Get());
      EXPECT_EQ(good, round % 2 == 1) << round;
      if (good) acknowledged.push_back(number);
      WaitUntilOpen();
    }
  }
  for (const std::uint32_t each : acknowledged) EXPECT_TRUE(Exists(each).value()) << each;
  EXPECT_TRUE(RunAndWait(*thread_, WorkKind::kRead, [](Tables& tables) -> Status {
    EXPECT_EQ(QueryInt(tables.database,
                       "SELECT count(*) FROM key WHERE key_id NOT IN (SELECT key_id FROM request)"),
              1);  // the one of SetUp
    return tables.database.Execute("PRAGMA integrity_check");
  }));
}

}  // namespace
}  // namespace claviger::store
