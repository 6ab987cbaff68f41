#include "daemon/store/meta_repository.h"

#include <gtest/gtest.h>

#include "tests/unit/store/sample.h"

namespace claviger::store {
namespace {

class MetaRepositoryTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = OpenSample(folder_.File("db"));
    ASSERT_NE(database_, nullptr);
    Result<std::unique_ptr<MetaRepository>> meta = MetaRepository::Create(*database_);
    ASSERT_TRUE(meta);
    meta_ = std::move(*meta);
  }

  const TempFolder folder_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<MetaRepository> meta_;
};

TEST_F(MetaRepositoryTest, TheHighestTimeBeginsUnsetAndOnlyRises) {
  EXPECT_EQ(meta_->HighWater().value(), 0);
  ASSERT_TRUE(meta_->RaiseHighWater(1700000000));
  ASSERT_TRUE(meta_->RaiseHighWater(1600000000));
  EXPECT_EQ(meta_->HighWater().value(), 1700000000);
  ASSERT_TRUE(meta_->RaiseHighWater(1700000001));
  EXPECT_EQ(meta_->HighWater().value(), 1700000001);
}

TEST_F(MetaRepositoryTest, NoticesThatTheHighestTimeWasRemoved) {
  ASSERT_TRUE(database_->Execute("DELETE FROM meta"));
  Result<UnixSeconds> time = meta_->HighWater();
  ASSERT_FALSE(time);
  EXPECT_EQ(time.error().code(), ErrorCode::kCorrupt);
}

TEST_F(MetaRepositoryTest, RemembersTheKeyOfARequestPerCreator) {
  ASSERT_TRUE(meta_->RememberRequest("alice", "r1", SampleId(1), 1700000000));
  ASSERT_TRUE(meta_->RememberRequest("bob", "r1", SampleId(2), 1700000000));
  EXPECT_EQ(meta_->FindRequest("alice", "r1").value(), SampleId(1));
  EXPECT_EQ(meta_->FindRequest("bob", "r1").value(), SampleId(2));
  EXPECT_EQ(meta_->FindRequest("alice", "r2").value(), std::nullopt);
  EXPECT_EQ(meta_->FindRequest("carol", "r1").value(), std::nullopt);
}

TEST_F(MetaRepositoryTest, RefusesToRememberARequestTwice) {
  ASSERT_TRUE(meta_->RememberRequest("alice", "r1", SampleId(1), 1700000000));
  Status again = meta_->RememberRequest("alice", "r1", SampleId(2), 1700000001);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), ErrorCode::kConflict);
  EXPECT_EQ(meta_->FindRequest("alice", "r1").value(), SampleId(1));
}

TEST_F(MetaRepositoryTest, RefusesRequestIdsOfImpossibleLength) {
  EXPECT_FALSE(meta_->RememberRequest("alice", "", SampleId(1), 0));
  Status longer = meta_->RememberRequest("alice", std::string(kMaxRequestIdBytes + 1, 'x'), SampleId(1), 0);
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(meta_->RememberRequest("alice", std::string(kMaxRequestIdBytes, 'x'), SampleId(1), 0));
}

TEST_F(MetaRepositoryTest, ForgetsTheOldestRequestsAFewAtATime) {
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(meta_->RememberRequest(i % 2 == 0 ? "alice" : "bob", "r" + std::to_string(i), SampleId(1),
                                       1700000009 - i));
  }
  EXPECT_EQ(meta_->PruneRequests(1700000000, 100).value(), 0);
  EXPECT_EQ(meta_->PruneRequests(1700000005, 0).value(), 0);
  EXPECT_EQ(meta_->PruneRequests(1700000005, -1).value(), 0);
  EXPECT_EQ(meta_->PruneRequests(1700000005, 2).value(), 2);
  EXPECT_EQ(meta_->FindRequest("bob", "r9").value(), std::nullopt);
  EXPECT_EQ(meta_->FindRequest("bob", "r7").value(), SampleId(1));
  EXPECT_EQ(meta_->PruneRequests(1700000005, 100).value(), 3);
  EXPECT_EQ(meta_->FindRequest("bob", "r5").value(), std::nullopt);
  EXPECT_EQ(meta_->FindRequest("alice", "r4").value(), SampleId(1));
  EXPECT_TRUE(meta_->RememberRequest("bob", "r9", SampleId(2), 1700000010));
}

}  // namespace
}  // namespace claviger::store
