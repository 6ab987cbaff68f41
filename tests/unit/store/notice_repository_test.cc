#include "daemon/store/notice_repository.h"

#include "tests/unit/store/key_fixture.h"

namespace claviger::store {
namespace {

class NoticeRepositoryTest : public KeyTablesTest {
 protected:
  void SetUp() override {
    KeyTablesTest::SetUp();
    Result<std::unique_ptr<NoticeRepository>> notices = NoticeRepository::Create(*database_);
    ASSERT_TRUE(notices);
    notices_ = std::move(*notices);
  }
  void TearDown() override { notices_.reset(); }
  std::vector<std::int64_t> Sequences(int limit = 100) {
    std::vector<std::int64_t> sequences;
    for (const Notice& notice : notices_->Pending(limit).value()) sequences.push_back(notice.sequence);
    return sequences;
  }
  std::int64_t Add() { return notices_->Add(1700000000, "key.created", "{}").value(); }

  std::unique_ptr<NoticeRepository> notices_;
};

TEST_F(NoticeRepositoryTest, GivesBackWhatWasAddedOldestFirst) {
  const std::int64_t first = notices_->Add(1700000001, "key.created", R"({"name":"Büro"})").value();
  const std::int64_t second = notices_->Add(1700000000, "key.revoked", "{}").value();
  const std::vector<Notice> pending = notices_->Pending(10).value();
  ASSERT_EQ(pending.size(), 2U);
  EXPECT_EQ(pending[0].sequence, first);
  EXPECT_EQ(pending[0].at, 1700000001);
  EXPECT_EQ(pending[0].event, "key.created");
  EXPECT_EQ(pending[0].body, R"({"name":"Büro"})");
  EXPECT_EQ(pending[1].sequence, second);
  EXPECT_EQ(Sequences(1), std::vector{first});
  EXPECT_TRUE(Sequences(0).empty());
  EXPECT_TRUE(Sequences(-1).empty());
}

TEST_F(NoticeRepositoryTest, NeverUsesASequenceTwice) {
  Add();
  const std::int64_t last = Add();
  ASSERT_TRUE(notices_->Remove(last));
  EXPECT_EQ(Sequences(), std::vector{last - 1});
  EXPECT_GT(Add(), last);
  EXPECT_TRUE(notices_->Remove(last));  // gone already
}

TEST_F(NoticeRepositoryTest, IsUndoneWithTheTransactionThatItWasAddedIn) {
  ASSERT_TRUE(database_->Execute("BEGIN"));
  Add();
  ASSERT_TRUE(database_->Execute("ROLLBACK"));
  EXPECT_TRUE(Sequences().empty());
}

TEST_F(NoticeRepositoryTest, TheOldestGoesWhenItIsFull) {
  ASSERT_TRUE(database_->Execute("BEGIN"));
  for (std::int64_t i = 0; i < kMaxNotices; ++i) Add();
  ASSERT_TRUE(notices_->Remove(5));
  ASSERT_TRUE(notices_->Remove(6));
  for (int i = 0; i < 2; ++i) Add();  // in the place of those that were removed
  EXPECT_EQ(Sequences(1), std::vector<std::int64_t>{1});
  EXPECT_EQ(QueryInt(*database_, "SELECT count(*) FROM notice"), kMaxNotices);
  const std::int64_t last = Add();
  ASSERT_TRUE(database_->Execute("COMMIT"));
  EXPECT_EQ(QueryInt(*database_, "SELECT count(*) FROM notice"), kMaxNotices);
  EXPECT_EQ(Sequences(1), std::vector<std::int64_t>{2});
  EXPECT_EQ(QueryInt(*database_, "SELECT max(sequence) FROM notice"), last);
}

TEST_F(NoticeRepositoryTest, RefusesANoticeThatIsTooLong) {
  const std::string event = "key.created";
  EXPECT_TRUE(notices_->Add(1, event, std::string(kMaxNoticeBytes - event.size(), 'x')));
  Result<std::int64_t> added = notices_->Add(1, event, std::string(kMaxNoticeBytes - event.size() + 1, 'x'));
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code(), ErrorCode::kLimitExceeded);
}

TEST_F(NoticeRepositoryTest, AnnouncesEachKeyExpiryAndStepOnce) {
  Insert({SampleRecord(1), SampleRecord(2)});
  EXPECT_TRUE(notices_->MarkAnnounced(SampleId(1), 1800000000, 86400).value());
  EXPECT_FALSE(notices_->MarkAnnounced(SampleId(1), 1800000000, 86400).value());
  EXPECT_TRUE(notices_->MarkAnnounced(SampleId(1), 1800000000, 7 * 86400).value());
  EXPECT_TRUE(notices_->MarkAnnounced(SampleId(1), 1800000001, 86400).value());
  EXPECT_TRUE(notices_->MarkAnnounced(SampleId(2), 1800000000, 86400).value());
  EXPECT_FALSE(notices_->MarkAnnounced(SampleId(1), 1800000000, 7 * 86400).value());
}

TEST_F(NoticeRepositoryTest, HasNothingToAnnounceOfAKeyThatDoesNotExist) {
  Result<bool> marked = notices_->MarkAnnounced(SampleId(1), 1800000000, 86400);
  ASSERT_FALSE(marked);
  EXPECT_EQ(marked.error().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace claviger::store
