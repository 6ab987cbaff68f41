#include "daemon/store/usage_repository.h"

#include <gtest/gtest.h>

#include "daemon/store/key_repository.h"
#include "tests/unit/store/sample.h"

namespace claviger::store {
namespace {

class UsageRepositoryTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = OpenSample(folder_.File("db"));
    ASSERT_NE(database_, nullptr);
    Result<std::unique_ptr<KeyRepository>> keys = KeyRepository::Create(*database_);
    ASSERT_TRUE(keys);
    ASSERT_TRUE((*keys)->Insert(SampleRecord(1)));
    Result<std::unique_ptr<UsageRepository>> usage = UsageRepository::Create(*database_);
    ASSERT_TRUE(usage);
    usage_ = std::move(*usage);
  }
  Usage Stored() {
    Result<std::optional<Usage>> usage = usage_->Find(SampleId(1));
    if (!usage || !*usage) {
      ADD_FAILURE() << "no usage";
      return {};
    }
    return **usage;
  }

  const TempFolder folder_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<UsageRepository> usage_;
};

TEST_F(UsageRepositoryTest, AKeyThatWasNeverPresentedHasNone) {
  EXPECT_EQ(usage_->Find(SampleId(1)).value().has_value(), false);
  EXPECT_EQ(usage_->Find(SampleId(9)).value().has_value(), false);
}

TEST_F(UsageRepositoryTest, AddsCountsAndKeepsTheFirstAndTheLastUse) {
  ASSERT_TRUE(usage_->Add({SampleId(1), 3, 1, 1700000010, 1000}));
  ASSERT_TRUE(usage_->Add({SampleId(1), 4, 2, 1700000020, 1001}));
  const Usage usage = Stored();
  EXPECT_EQ(usage.uses, 7);
  EXPECT_EQ(usage.denials, 3);
  EXPECT_EQ(usage.first_used, 1700000010);
  EXPECT_EQ(usage.last_used, 1700000020);
  EXPECT_EQ(usage.last_uid, 1001U);
}

TEST_F(UsageRepositoryTest, AnOlderBatchDoesNotMoveTheLastUseBack) {
  ASSERT_TRUE(usage_->Add({SampleId(1), 1, 0, 1700000020, 4294967295U}));
  ASSERT_TRUE(usage_->Add({SampleId(1), 1, 0, 1700000010, 1000}));
  const Usage usage = Stored();
  EXPECT_EQ(usage.uses, 2);
  EXPECT_EQ(usage.first_used, 1700000010);
  EXPECT_EQ(usage.last_used, 1700000020);
  EXPECT_EQ(usage.last_uid, 4294967295U);
}

TEST_F(UsageRepositoryTest, DenialsAloneAreNoUse) {
  ASSERT_TRUE(usage_->Add({SampleId(1), 0, 2, 0, 0}));
  EXPECT_EQ(Stored().denials, 2);
  EXPECT_EQ(Stored().first_used, 0);
  EXPECT_EQ(Stored().last_used, 0);
  ASSERT_TRUE(usage_->Add({SampleId(1), 1, 0, 1700000010, 1000}));
  ASSERT_TRUE(usage_->Add({SampleId(1), 0, 1, 0, 0}));
  EXPECT_EQ(Stored().first_used, 1700000010);
  EXPECT_EQ(Stored().last_used, 1700000010);
  EXPECT_EQ(Stored().last_uid, 1000U);
  EXPECT_EQ(Stored().denials, 3);
}

TEST_F(UsageRepositoryTest, RefusesAKeyThatDoesNotExist) {
  Status add = usage_->Add({SampleId(9), 1, 0, 1700000010, 1000});
  ASSERT_FALSE(add);
  EXPECT_EQ(add.error().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace claviger::store
