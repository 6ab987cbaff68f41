// What only checkpoints show, and every single change that a small chain can suffer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "tests/unit/audit/audit_sample.h"

namespace claviger::audit {
namespace {

constexpr int kRecords = 10;  // in three epochs: 1-4, 5-7, 8-10
constexpr std::array kBlobColumns = {"mac"};
constexpr std::array kTextColumns = {"user", "unit", "command", "name", "subject", "before", "after"};

class CheckpointTamperTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = store::OpenSample(folder_.File("db"));
    ASSERT_NE(database_, nullptr);
    for (int i = 0; i < kRecords; ++i) {
      if (i == 4 || i == 7) log_.Invalidate();
      ASSERT_TRUE(log_.Append(*database_, SampleAct(i), 1700000000 + i));
    }
    ASSERT_TRUE(database_->Execute("PRAGMA ignore_check_constraints = ON"));
    for (const AuditRecord& record : log_.List(*database_, "", std::nullopt, 100).value()) {
      checkpoints_.insert(checkpoints_.begin(), PlaceOf(record));
    }
  }
  static Checkpoint PlaceOf(const AuditRecord& record) {
    return {record.sequence, record.epoch, record.index, 1700000100, record.mac, std::string(32, 'a'), {}};
  }
  std::vector<Checkpoint> Only(std::int64_t sequence) const {
    return {checkpoints_[static_cast<std::size_t>(sequence - 1)]};
  }
  ChainCheck CheckAfter(const std::string& sql, std::vector<Checkpoint> checkpoints) {
    EXPECT_TRUE(database_->Execute("BEGIN"));
    EXPECT_TRUE(database_->Execute(sql.c_str())) << sql;
    const auto check = WalkAll(*database_, ChainWalk(log_.epoch_key(), std::move(checkpoints)));
    EXPECT_TRUE(database_->Execute("ROLLBACK"));
    return check.value();
  }
  ChainCheck CheckFrom(std::int64_t sequence, const std::string& sql = "SELECT 1") {
    EXPECT_TRUE(database_->Execute("BEGIN"));
    EXPECT_TRUE(database_->Execute(sql.c_str())) << sql;
    const auto check = WalkAll(*database_, ChainWalk(log_.epoch_key(), Only(sequence).front()));
    EXPECT_TRUE(database_->Execute("ROLLBACK"));
    return check.value();
  }
  int BytesOf(const char* column, int sequence) {
    return static_cast<int>(store::QueryInt(
        *database_, "SELECT length(CAST(" + std::string(column) +
                        " AS BLOB)) FROM audit WHERE sequence = " + std::to_string(sequence)));
  }

  const store::TempFolder folder_;
  std::unique_ptr<store::Database> database_;
  SampleToken token_;
  AuditLog log_{token_.Source()};
  std::vector<Checkpoint> checkpoints_;  // one of each record
};

TEST_F(CheckpointTamperTest, AWholeChainMatchesAllItsCheckpoints) {
  const ChainCheck check = CheckAfter("SELECT 1", checkpoints_);
  EXPECT_EQ(check.reason, "");
  EXPECT_EQ(check.records, kRecords);
}

TEST_F(CheckpointTamperTest, EveryTailThatIsCutOffIsNamed) {
  for (int kept = 0; kept < kRecords; ++kept) {
    const std::string cut = "DELETE FROM audit WHERE sequence > " + std::to_string(kept);
    for (int seen = 1; seen <= kRecords; ++seen) {
      const ChainCheck check = CheckAfter(cut, Only(seen));
      if (seen <= kept) {
        EXPECT_EQ(check.broken_at, std::nullopt) << check.reason;
      } else {
        EXPECT_EQ(check.broken_at, kept + 1);
        EXPECT_THAT(check.reason, testing::HasSubstr("missing"));
      }
    }
  }
}

TEST_F(CheckpointTamperTest, AChainThatWasMadeAnewWithTheTokenIsNamed) {
  // Whoever can use the token cuts records off and writes others in their place: no MAC is wrong.
  ASSERT_TRUE(database_->Execute("DELETE FROM audit WHERE sequence > 6"));
  log_.Invalidate();
  for (int i = 20; i < 24; ++i) ASSERT_TRUE(log_.Append(*database_, SampleAct(i), 1700000000 + i));
  EXPECT_EQ(VerifyAll(*database_, log_).value().broken_at, std::nullopt);
  EXPECT_EQ(CheckAfter("SELECT 1", Only(6)).broken_at, std::nullopt);
  EXPECT_EQ(CheckAfter("SELECT 1", Only(7)).broken_at, 7);
  EXPECT_EQ(CheckAfter("SELECT 1", Only(10)).broken_at, 10);
}

TEST_F(CheckpointTamperTest, EveryBitOfEveryByteIsGuarded) {
  int changes = 0;
  for (int sequence = 1; sequence <= kRecords; ++sequence) {
    const std::string where = " WHERE sequence = " + std::to_string(sequence);
    const auto flip = [&](const std::string& column, const char* type) {
      for (int byte = 0; byte < BytesOf(column.c_str(), sequence); ++byte) {
        // The byte as two hexadecimal digits, of which one becomes another.
        const std::string at = std::to_string(2 * byte + 1 + byte % 2);
        const std::string hex = "hex(" + column + ")";
        const std::string sql = "CREATE TEMP TABLE flipped AS SELECT substr(" + hex + ", 1, " + at +
                                " - 1) || CASE substr(" + hex + ", " + at +
                                ", 1) WHEN '2' THEN '3' ELSE '2' END || substr(" + hex + ", " + at +
                                " + 1) AS h FROM audit" + where;
        std::string changed;
        ASSERT_TRUE(database_->Execute(sql.c_str())) << sql;
        {
          auto row = store::Statement::Prepare(*database_, "SELECT h FROM temp.flipped");
          ASSERT_TRUE(row && row->Step());
          changed = row->Text(0);
        }
        ASSERT_TRUE(database_->Execute("DROP TABLE temp.flipped"));
        const ChainCheck check =
            CheckAfter("UPDATE audit SET " + column + " = CAST(x'" + changed + "' AS " + type + ")" + where,
                       checkpoints_);
        EXPECT_EQ(check.broken_at, sequence) << column << " byte " << byte;
        ++changes;
      }
    };
    for (const char* column : kTextColumns) flip(column, "TEXT");
    for (const char* column : kBlobColumns) flip(column, "BLOB");
    for (const char* column : {"epoch", "position", "at", "uid", "gid", "pid"}) {
      for (int bit = 0; bit < 31; ++bit) {
        const std::string flag = std::to_string(std::int64_t{1} << bit);
        const std::string number(column);
        const ChainCheck check = CheckAfter("UPDATE audit SET " + number + " = (" + number + " | " + flag +
                                                ") - (" + number + " & " + flag + ")" + where,
                                            checkpoints_);
        EXPECT_EQ(check.broken_at, sequence) << column << " bit " << bit;
        ++changes;
      }
    }
  }
  EXPECT_GT(changes, 2000);
}

TEST_F(CheckpointTamperTest, AnyTwoRecordsThatChangePlacesAreNamedByTheFirst) {
  for (int a = 1; a < kRecords; ++a) {
    for (int b = a + 1; b <= kRecords; ++b) {
      const std::string one = std::to_string(a), two = std::to_string(b);
      EXPECT_EQ(CheckAfter("UPDATE audit SET sequence = 100 WHERE sequence = " + one +
                               ";UPDATE audit SET sequence = " + one + " WHERE sequence = " + two +
                               ";UPDATE audit SET sequence = " + two + " WHERE sequence = 100",
                           checkpoints_)
                    .broken_at,
                a);
    }
  }
}

TEST_F(CheckpointTamperTest, AWalkFromACheckpointLooksOnlyAtWhatFollows) {
  for (int sequence = 1; sequence <= kRecords; ++sequence) {
    const ChainCheck check = CheckFrom(sequence);
    EXPECT_EQ(check.reason, "") << sequence;
    EXPECT_EQ(check.records, kRecords - sequence);
  }
  EXPECT_EQ(CheckFrom(6, "UPDATE audit SET user = 'mallory' WHERE sequence = 3").broken_at, std::nullopt);
}

TEST_F(CheckpointTamperTest, AWalkFromACheckpointNamesWhatWasChangedBehindIt) {
  for (int from = 1; from <= kRecords; ++from) {
    for (int changed = from + 1; changed <= kRecords; ++changed) {
      const std::string where = " WHERE sequence = " + std::to_string(changed);
      EXPECT_EQ(CheckFrom(from, "UPDATE audit SET user = 'mallory'" + where).broken_at, changed);
    }
    const std::string where = " WHERE sequence = " + std::to_string(from);
    EXPECT_EQ(CheckFrom(from, "UPDATE audit SET mac = zeroblob(32)" + where).broken_at, from);
    EXPECT_EQ(CheckFrom(from, "DELETE FROM audit" + where).broken_at, from);
    EXPECT_EQ(CheckFrom(from, "DELETE FROM audit WHERE sequence >= " + std::to_string(from)).broken_at, from);
  }
}

TEST_F(CheckpointTamperTest, ALongChainIsWalkedInSteps) {
  ASSERT_TRUE(database_->Execute("BEGIN"));
  const int more = 2 * static_cast<int>(ChainWalk::kStep);
  for (int i = 0; i < more; ++i) ASSERT_TRUE(log_.Append(*database_, SampleAct(i), 1700000000 + i));
  ASSERT_TRUE(database_->Execute("COMMIT"));
  ChainWalk walk(log_.epoch_key(), checkpoints_);
  int steps = 1;
  while (!walk.Step(*database_).value()) ++steps;
  EXPECT_EQ(steps, 3);
  EXPECT_EQ(walk.check().records, more + kRecords);
  EXPECT_EQ(walk.last().sequence, more + kRecords);
}

}  // namespace
}  // namespace claviger::audit
