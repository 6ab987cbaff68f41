#include <gtest/gtest.h>

#include <array>

#include "daemon/store/key_repository.h"
#include "tests/unit/store/sample.h"

namespace claviger::store {
namespace {

using keys::KeyId;
using keys::KeyRecord;
using keys::KeyState;
using keys::RecordState;

class KeyListTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = OpenSample(folder_.File("db"));
    ASSERT_NE(database_, nullptr);
    Result<std::unique_ptr<KeyRepository>> keys = KeyRepository::Create(*database_);
    ASSERT_TRUE(keys);
    keys_ = std::move(*keys);
  }
  std::vector<KeyId> Ids(const KeyFilter& filter, const std::optional<KeyId>& after, int limit) {
    Result<std::vector<KeyRecord>> page = keys_->List(filter, after, limit);
    std::vector<KeyId> ids;
    if (!page) {
      ADD_FAILURE() << page.error().message();
      return ids;
    }
    for (const KeyRecord& record : *page) ids.push_back(record.id);
    return ids;
  }

  const TempFolder folder_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<KeyRepository> keys_;
};

TEST_F(KeyListTest, GivesPagesInOrderOfAgeWithoutGapsOrDoubles) {
  // Inserted out of order, as clocks that were set back would.
  for (const std::uint32_t number : {5U, 1U, 4U, 2U, 3U}) ASSERT_TRUE(keys_->Insert(SampleRecord(number)));
  const std::vector<KeyId> all = {SampleId(1), SampleId(2), SampleId(3), SampleId(4), SampleId(5)};
  for (int limit = 1; limit <= 6; ++limit) {
    std::vector<KeyId> seen;
    std::optional<KeyId> after;
    while (true) {
      const std::vector<KeyId> page = Ids({}, after, limit);
      EXPECT_LE(page.size(), static_cast<std::size_t>(limit));
      if (page.empty()) break;
      seen.insert(seen.end(), page.begin(), page.end());
      after = page.back();
    }
    EXPECT_EQ(seen, all) << limit;
  }
}

TEST_F(KeyListTest, GoesOnAfterAnIdThatDoesNotExist) {
  ASSERT_TRUE(keys_->Insert(SampleRecord(1)));
  ASSERT_TRUE(keys_->Insert(SampleRecord(3)));
  EXPECT_EQ(Ids({}, SampleId(2), 10), std::vector{SampleId(3)});
  EXPECT_TRUE(Ids({}, SampleId(9), 10).empty());
}

TEST_F(KeyListTest, BeginsWithTheLowestIdThereCanBe) {
  KeyRecord record = SampleRecord(0);
  record.id.bytes.fill(0);
  ASSERT_TRUE(keys_->Insert(record));
  EXPECT_EQ(Ids({}, std::nullopt, 10), std::vector{record.id});
}

TEST_F(KeyListTest, RefusesPagesOfImpossibleSize) {
  for (const int limit : {-1, 0, kMaxPageSize + 1}) {
    Result<std::vector<KeyRecord>> page = keys_->List({}, std::nullopt, limit);
    ASSERT_FALSE(page) << limit;
    EXPECT_EQ(page.error().code(), ErrorCode::kInvalidArgument);
  }
  EXPECT_TRUE(keys_->List({}, std::nullopt, kMaxPageSize));
}

TEST_F(KeyListTest, ReadsBothGenerationsOfEachRecord) {
  KeyRecord record = SampleRecord(1);
  record.generations = {SampleGeneration(1), SampleGeneration(2)};
  record.generations[0].ends = 1700005000;
  ASSERT_TRUE(keys_->Insert(record));
  ASSERT_TRUE(keys_->Insert(SampleRecord(2)));
  Result<std::vector<KeyRecord>> page = keys_->List({}, std::nullopt, 10);
  ASSERT_TRUE(page);
  EXPECT_EQ(*page, (std::vector{record, SampleRecord(2)}));
}

TEST_F(KeyListTest, FiltersByOwnerAndTakesItLiterally) {
  for (std::uint32_t number = 1; number <= 6; ++number) {
    KeyRecord record = SampleRecord(number);
    record.owner = number % 2 == 0 ? "even" : "odd%";
    ASSERT_TRUE(keys_->Insert(record));
  }
  KeyFilter filter;
  filter.owner = "even";
  EXPECT_EQ(Ids(filter, std::nullopt, 10), (std::vector{SampleId(2), SampleId(4), SampleId(6)}));
  EXPECT_EQ(Ids(filter, SampleId(2), 1), std::vector{SampleId(4)});
  filter.owner = "odd%";
  EXPECT_EQ(Ids(filter, std::nullopt, 10), (std::vector{SampleId(1), SampleId(3), SampleId(5)}));
  for (const char* nobody : {"%", "odd", "EVEN", "' OR 1=1 --"}) {
    filter.owner = nobody;
    EXPECT_TRUE(Ids(filter, std::nullopt, 10).empty()) << nobody;
  }
}

// Every stored state, every position of `now` relative to both times: SQL and KeyRecord::StateAt must agree.
TEST_F(KeyListTest, FiltersByStateAsTheRecordItselfTellsIt) {
  constexpr std::array kStates = {RecordState::kActive, RecordState::kPaused, RecordState::kRevoked};
  constexpr std::array<UnixSeconds, 3> kTimes = {1700000100, 1700000200, 1700000300};
  std::vector<KeyRecord> records;
  for (const RecordState state : kStates) {
    for (const UnixSeconds not_before : kTimes) {
      for (const UnixSeconds expires : kTimes) {
        KeyRecord record = SampleRecord(static_cast<std::uint32_t>(records.size()));
        record.state = state;
        record.not_before = not_before;
        record.expires = expires;
        record.owner = records.size() % 3 == 0 ? "alice" : "bob";
        ASSERT_TRUE(keys_->Insert(record));
        records.push_back(record);
      }
    }
  }
  for (UnixSeconds now = kTimes.front() - 1; now <= kTimes.back() + 1; ++now) {
    if (now % 100 > 1 && now % 100 < 99) continue;
    for (const KeyState state :
         {KeyState::kPending, KeyState::kActive, KeyState::kPaused, KeyState::kExpired, KeyState::kRevoked}) {
      for (const char* owner : {"", "alice"}) {
        std::vector<KeyId> expected;
        for (const KeyRecord& record : records) {
          if (record.StateAt(now) == state && (*owner == '\0' || record.owner == owner))
            expected.push_back(record.id);
        }
        EXPECT_EQ(Ids({state, owner, now}, std::nullopt, kMaxPageSize), expected)
            << keys::KeyStateName(state) << " at " << now;
      }
    }
  }
}

}  // namespace
}  // namespace claviger::store
