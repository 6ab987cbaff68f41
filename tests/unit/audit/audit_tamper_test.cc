#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/audit/audit_log.h"
#include "tests/unit/audit/audit_sample.h"

namespace claviger::audit {
namespace {

// Ten records in three epochs: 1-4, 5-7, 8-10.
class AuditTamperTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = store::OpenSample(folder_.File("db"));
    ASSERT_NE(database_, nullptr);
    for (int i = 0; i < 10; ++i) {
      if (i == 4 || i == 7) log_.Invalidate();
      ASSERT_TRUE(log_.Append(*database_, SampleAct(i), 1700000000 + i));
    }
    ASSERT_TRUE(database_->Execute("PRAGMA ignore_check_constraints = ON"));
  }
  // Changes the table, verifies, and undoes the change.
  ChainCheck CheckAfter(const std::string& sql) {
    EXPECT_TRUE(database_->Execute("BEGIN"));
    Status changed = database_->Execute(sql.c_str());
    EXPECT_TRUE(changed) << sql << ": " << changed.error().message();
    Result<ChainCheck> check = VerifyAll(*database_, log_);
    EXPECT_TRUE(database_->Execute("ROLLBACK"));
    if (!check) {
      ADD_FAILURE() << check.error().message();
      return {};
    }
    EXPECT_EQ(check->reason.empty(), !check->broken_at.has_value());
    return *check;
  }

  const store::TempFolder folder_;
  std::unique_ptr<store::Database> database_;
  SampleToken token_;
  AuditLog log_{token_.Source()};
};

TEST_F(AuditTamperTest, NamesTheRecordWhicheverFieldWasChanged) {
  const char* changes[] = {"epoch = epoch + 1",
                           "epoch = epoch - 1",
                           "position = position + 1",
                           "at = at + 1",
                           "at = at + 0.5",
                           "user = 'mallory'",
                           "user = ''",
                           "uid = 0",
                           "uid = uid + 4294967296",
                           "gid = 0",
                           "gid = -1",
                           "pid = pid + 1",
                           "unit = ''",
                           "command = 'x'",
                           "name = 'key.list'",
                           "subject = 'other'",
                           "before = '{}'",
                           "after = after || ' '",
                           "mac = zeroblob(32)",
                           "mac = x'00'",
                           "after = CAST(after AS BLOB)"};
  for (const char* change : changes) {
    for (const int sequence : {1, 4, 5, 6, 10}) {
      const std::string where = " WHERE sequence = " + std::to_string(sequence);
      const ChainCheck check = CheckAfter("UPDATE audit SET " + std::string(change) + where);
      EXPECT_EQ(check.broken_at, sequence) << change;
      EXPECT_EQ(check.records, sequence - 1) << change;
    }
  }
}

TEST_F(AuditTamperTest, NamesARemovedRecord) {
  for (int sequence = 1; sequence < 10; ++sequence) {
    EXPECT_EQ(CheckAfter("DELETE FROM audit WHERE sequence = " + std::to_string(sequence)).broken_at,
              sequence);
  }
}

TEST_F(AuditTamperTest, NamesARemovedRecordThoughTheOthersWereRenumbered) {
  for (int sequence = 1; sequence < 10; ++sequence) {
    const std::string number = std::to_string(sequence);
    EXPECT_EQ(CheckAfter("DELETE FROM audit WHERE sequence = " + number +
                         "; UPDATE audit SET sequence = sequence - 1 WHERE sequence > " + number)
                  .broken_at,
              sequence);
  }
}

TEST_F(AuditTamperTest, NamesARemovedEpoch) {
  EXPECT_EQ(
      CheckAfter("DELETE FROM audit WHERE epoch = 2; UPDATE audit SET sequence = sequence - 3, epoch = 2 "
                 "WHERE epoch = 3")
          .broken_at,
      5);
}

TEST_F(AuditTamperTest, NamesTheFirstOfTwoSwappedRecords) {
  EXPECT_EQ(CheckAfter("UPDATE audit SET sequence = 100 WHERE sequence = 3;"
                       "UPDATE audit SET sequence = 3 WHERE sequence = 6;"
                       "UPDATE audit SET sequence = 6 WHERE sequence = 100")
                .broken_at,
            3);
}

TEST_F(AuditTamperTest, NamesADuplicatedRecord) {
  EXPECT_EQ(
      CheckAfter("UPDATE audit SET sequence = -sequence WHERE sequence > 3;"
                 "UPDATE audit SET sequence = 1 - sequence WHERE sequence < 0;"
                 "INSERT INTO audit SELECT 4, epoch, position, at, user, uid, gid, pid, unit, command, name, "
                 "subject, before, after, mac FROM audit WHERE sequence = 3")
          .broken_at,
      4);
}

TEST_F(AuditTamperTest, NamesARecordAppendedByAnother) {
  EXPECT_EQ(CheckAfter("INSERT INTO audit SELECT 11, epoch, 3, at, user, uid, gid, pid, unit, command, name, "
                       "subject, before, after, mac FROM audit WHERE sequence = 10")
                .broken_at,
            11);
}

TEST_F(AuditTamperTest, NamesARecordBeforeTheFirst) {
  EXPECT_EQ(
      CheckAfter("INSERT INTO audit SELECT 0, epoch, position, at, user, uid, gid, pid, unit, command, name, "
                 "subject, before, after, mac FROM audit WHERE sequence = 1")
          .broken_at,
      0);
}

TEST_F(AuditTamperTest, DoesNotMissWhatWasCutOffAtTheEnd) {
  // The limit of the chain alone; its head must be kept elsewhere.
  const ChainCheck check = CheckAfter("DELETE FROM audit WHERE sequence > 6");
  EXPECT_EQ(check.broken_at, std::nullopt);
  EXPECT_EQ(check.records, 6);
}

TEST_F(AuditTamperTest, AnotherTokenFindsTheFirstRecordBroken) {
  AuditLog other([](std::int64_t) -> Result<Mac> { return Mac{}; });
  EXPECT_EQ(VerifyAll(*database_, other).value().broken_at, 1);
}

TEST_F(AuditTamperTest, ListRefusesToShowWhatWasNeverWritten) {
  ASSERT_TRUE(database_->Execute("UPDATE audit SET mac = x'00' WHERE sequence = 9"));
  Result<std::vector<AuditRecord>> page = log_.List(*database_, "", std::nullopt, 10);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code(), ErrorCode::kCorrupt);
  EXPECT_THAT(page.error().message(), testing::HasSubstr("record 9"));
}

TEST_F(AuditTamperTest, DoesNotContinueAChainWhoseEndHasNoMac) {
  ASSERT_TRUE(database_->Execute("UPDATE audit SET mac = x'00' WHERE sequence = 10"));
  log_.Invalidate();
  EXPECT_EQ(log_.Append(*database_, SampleAct(0), 1700000000).error().code(), ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace claviger::audit
