#include "daemon/audit/audit_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/audit/audit_sample.h"

namespace claviger::audit {
namespace {

using store::Database;
using testing::ElementsAre;
using testing::IsEmpty;

class AuditLogTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = store::OpenSample(folder_.File("db"));
    ASSERT_NE(database_, nullptr);
  }
  void Append(int count) {
    for (int i = 0; i < count; ++i, ++acts_) {
      Result<std::int64_t> sequence = log_.Append(*database_, SampleAct(acts_), 1700000000 + acts_);
      ASSERT_TRUE(sequence) << sequence.error().message();
    }
  }
  std::vector<std::int64_t> Sequences(std::string_view subject, std::optional<std::int64_t> before,
                                      int limit) {
    Result<std::vector<AuditRecord>> page = log_.List(*database_, subject, before, limit);
    std::vector<std::int64_t> sequences;
    if (!page) {
      ADD_FAILURE() << page.error().message();
      return sequences;
    }
    for (const AuditRecord& record : *page) sequences.push_back(record.sequence);
    return sequences;
  }
  void ExpectWhole(std::int64_t records) {
    Result<ChainCheck> check = VerifyAll(*database_, log_);
    ASSERT_TRUE(check) << check.error().message();
    EXPECT_EQ(check->broken_at, std::nullopt) << check->reason;
    EXPECT_EQ(check->reason, "");
    EXPECT_EQ(check->records, records);
  }

  const store::TempFolder folder_;
  std::unique_ptr<Database> database_;
  SampleToken token_;
  AuditLog log_{token_.Source()};
  int acts_ = 0;
};

TEST_F(AuditLogTest, NumbersRecordsFromOneAndReadsBackEveryField) {
  Append(3);
  Result<std::vector<AuditRecord>> page = log_.List(*database_, "", std::nullopt, 500);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const AuditRecord& record = (*page)[2 - i];
    const Act expected = SampleAct(static_cast<int>(i));
    EXPECT_EQ(record.sequence, static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(record.epoch, 1);
    EXPECT_EQ(record.index, static_cast<std::int64_t>(i));
    EXPECT_EQ(record.at, 1700000000 + static_cast<std::int64_t>(i));
    EXPECT_EQ(record.act.actor.user, expected.actor.user);
    EXPECT_EQ(record.act.actor.uid, expected.actor.uid);
    EXPECT_EQ(record.act.actor.gid, expected.actor.gid);
    EXPECT_EQ(record.act.actor.pid, expected.actor.pid);
    EXPECT_EQ(record.act.actor.unit, expected.actor.unit);
    EXPECT_EQ(record.act.actor.command, expected.actor.command);
    EXPECT_EQ(record.act.name, expected.name);
    EXPECT_EQ(record.act.subject, expected.subject);
    EXPECT_EQ(record.act.before, expected.before);
    EXPECT_EQ(record.act.after, expected.after);
  }
}

TEST_F(AuditLogTest, AnEmptyChainIsWhole) {
  ExpectWhole(0);
  EXPECT_THAT(token_.epochs, IsEmpty());
}

TEST_F(AuditLogTest, AsksTheTokenOnceAnEpoch) {
  Append(5);
  EXPECT_THAT(token_.epochs, ElementsAre(1));
  log_.Invalidate();
  Append(5);
  EXPECT_THAT(token_.epochs, ElementsAre(1, 2));
  ExpectWhole(10);
}

TEST_F(AuditLogTest, TheChainGoesOnAcrossRestarts) {
  for (int start = 0; start < 4; ++start) {
    Append(3);
    database_.reset();
    SetUp();
    log_.Invalidate();
  }
  Append(1);
  ExpectWhole(13);
  AuditLog other(token_.Source());
  EXPECT_TRUE(VerifyAll(*database_, other).value().broken_at == std::nullopt);
}

TEST_F(AuditLogTest, TheChainGoesOnAfterARollback) {
  Append(2);
  ASSERT_TRUE(database_->Execute("BEGIN"));
  Append(2);
  ASSERT_TRUE(database_->Execute("ROLLBACK"));
  log_.Invalidate();
  Append(2);
  ExpectWhole(4);
  ASSERT_TRUE(database_->Execute("BEGIN; SAVEPOINT s"));
  Append(1);
  ASSERT_TRUE(database_->Execute("ROLLBACK TO s; RELEASE s"));
  log_.Invalidate();
  Append(1);
  ASSERT_TRUE(database_->Execute("COMMIT"));
  ExpectWhole(5);
  EXPECT_THAT(Sequences("", std::nullopt, 500), ElementsAre(5, 4, 3, 2, 1));
}

TEST_F(AuditLogTest, AnAbsentTokenAppendsNothing) {
  token_.absent = true;
  Result<std::int64_t> refused = log_.Append(*database_, SampleAct(0), 1700000000);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(Sequences("", std::nullopt, 500), IsEmpty());
  token_.absent = false;
  Append(1);
  ExpectWhole(1);
  token_.absent = true;
  Append(1);  // the epoch's key is at hand
  EXPECT_EQ(VerifyAll(*database_, log_).error().code(), ErrorCode::kUnavailable);
}

TEST_F(AuditLogTest, AFailedInsertBeginsAnEpochAndLeavesTheChainWhole) {
  Append(2);
  ASSERT_TRUE(database_->Execute("PRAGMA query_only = ON"));
  EXPECT_FALSE(log_.Append(*database_, SampleAct(0), 1700000000));
  ASSERT_TRUE(database_->Execute("PRAGMA query_only = OFF"));
  Append(1);
  ExpectWhole(3);
  EXPECT_THAT(token_.epochs, ElementsAre(1, 2, 1, 2));
}

TEST_F(AuditLogTest, ListsTheNewestFirstInPages) {
  Append(10);
  EXPECT_THAT(Sequences("", std::nullopt, 3), ElementsAre(10, 9, 8));
  EXPECT_THAT(Sequences("", 8, 3), ElementsAre(7, 6, 5));
  EXPECT_THAT(Sequences("", 2, 3), ElementsAre(1));
  EXPECT_THAT(Sequences("", 1, 3), IsEmpty());
}

TEST_F(AuditLogTest, ListsWhatIsAboutOneSubject) {
  Append(10);  // two records a subject
  EXPECT_THAT(Sequences("key-3", std::nullopt, 500), ElementsAre(8, 7));
  EXPECT_THAT(Sequences("key-3", 8, 500), ElementsAre(7));
  EXPECT_THAT(Sequences("key", std::nullopt, 500), IsEmpty());
  EXPECT_THAT(Sequences("' OR 1 = 1 --", std::nullopt, 500), IsEmpty());
}

TEST_F(AuditLogTest, RefusesPagesOfImpossibleSize) {
  for (const int limit : {-1, 0, 501}) {
    Result<std::vector<AuditRecord>> page = log_.List(*database_, "", std::nullopt, limit);
    ASSERT_FALSE(page) << limit;
    EXPECT_EQ(page.error().code(), ErrorCode::kInvalidArgument);
  }
}

TEST_F(AuditLogTest, KeepsTextExactly) {
  Act act = SampleAct(0);
  act.after = std::string("a\0b", 3) + "\xff \xe2\x98\x82 '\"";
  act.actor.unit.clear();
  ASSERT_TRUE(log_.Append(*database_, act, 1700000000));
  EXPECT_EQ(log_.List(*database_, "", std::nullopt, 1).value()[0].act.after, act.after);
  ExpectWhole(1);
}

}  // namespace
}  // namespace claviger::audit
