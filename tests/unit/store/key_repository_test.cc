#include "daemon/store/key_repository.h"

#include <gtest/gtest.h>

#include "tests/unit/store/sample.h"

namespace claviger::store {
namespace {

using keys::KeyRecord;

class KeyRepositoryTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = OpenSample(folder_.File("db"));
    ASSERT_NE(database_, nullptr);
    Result<std::unique_ptr<KeyRepository>> keys = KeyRepository::Create(*database_);
    ASSERT_TRUE(keys);
    keys_ = std::move(*keys);
  }
  KeyRecord Stored(std::uint32_t number) {
    Result<std::optional<KeyRecord>> found = keys_->Find(SampleId(number));
    if (!found || !*found) {
      ADD_FAILURE() << "no record " << number;
      return {};
    }
    return **found;
  }

  const TempFolder folder_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<KeyRepository> keys_;
};

KeyRecord FullRecord() {
  KeyRecord record = SampleRecord(77);
  record.version = 9;
  record.name = "Büro ☂ 'quoted\"";
  record.description = std::string(1024, 'd');
  record.owner = "svc-billing";
  record.team = "platform";
  record.creator = "carol";
  record.created = kEarliestTime;
  record.not_before = 1700000001;
  record.expires = kLatestTime;
  record.scopes = {"delete:a", "read:b:c-d", "write:e"};
  record.state = keys::RecordState::kRevoked;
  record.revoked_at = 1750000000;
  record.end_reason = "lost laptop";
  record.generations = {SampleGeneration(4), SampleGeneration(5)};
  record.generations[0].ends = 1710000000;
  record.mac.fill(0xcd);
  return record;
}

TEST_F(KeyRepositoryTest, ReadsBackEveryFieldThatItWrote) {
  KeyRecord unscoped = SampleRecord(2);
  unscoped.scopes.clear();
  unscoped.unscoped = true;
  unscoped.unscoped_reason = "break glass";
  unscoped.state = keys::RecordState::kPaused;
  ASSERT_TRUE(keys_->Insert(FullRecord()));
  ASSERT_TRUE(keys_->Insert(unscoped));
  EXPECT_EQ(Stored(77), FullRecord());
  EXPECT_EQ(Stored(2), unscoped);
}

TEST_F(KeyRepositoryTest, KeepsRecordsAcrossOpenings) {
  ASSERT_TRUE(keys_->Insert(FullRecord()));
  keys_.reset();
  database_.reset();
  SetUp();
  EXPECT_EQ(Stored(77), FullRecord());
}

TEST_F(KeyRepositoryTest, AnswersThatThereIsNoSuchKey) {
  Result<std::optional<KeyRecord>> found = keys_->Find(SampleId(1));
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, std::nullopt);
}

TEST_F(KeyRepositoryTest, RefusesASecondKeyWithTheSameId) {
  ASSERT_TRUE(keys_->Insert(SampleRecord(1)));
  KeyRecord other = SampleRecord(1);
  other.name = "other";
  Status again = keys_->Insert(other);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), ErrorCode::kConflict);
  EXPECT_NE(again.error().message().find(SampleId(1).ToString()), std::string::npos);
  EXPECT_EQ(Stored(1), SampleRecord(1));
}

TEST_F(KeyRepositoryTest, ReplacesTheWholeRecordByItsNextVersion) {
  ASSERT_TRUE(keys_->Insert(SampleRecord(77)));
  KeyRecord next = FullRecord();
  next.version = 2;
  ASSERT_TRUE(keys_->Update(next));
  EXPECT_EQ(Stored(77), next);
  EXPECT_EQ(keys_->Count().value(), 1);
}

TEST_F(KeyRepositoryTest, RefusesAnUpdateThatIsNotOfTheStoredVersion) {
  ASSERT_TRUE(keys_->Insert(SampleRecord(1)));
  for (const std::uint64_t version : {0U, 1U, 3U}) {
    KeyRecord next = SampleRecord(1);
    next.version = version;
    next.name = "changed";
    Status update = keys_->Update(next);
    ASSERT_FALSE(update) << version;
    EXPECT_EQ(update.error().code(), ErrorCode::kConflict);
  }
  EXPECT_EQ(Stored(1), SampleRecord(1));
}

TEST_F(KeyRepositoryTest, RefusesToUpdateAKeyThatDoesNotExist) {
  KeyRecord record = SampleRecord(1);
  record.version = 2;
  Status update = keys_->Update(record);
  ASSERT_FALSE(update);
  EXPECT_EQ(update.error().code(), ErrorCode::kNotFound);
}

TEST_F(KeyRepositoryTest, KeepsEveryGenerationAndReadsThoseOfTheRecord) {
  KeyRecord record = SampleRecord(1);
  ASSERT_TRUE(keys_->Insert(record));
  for (std::uint32_t number = 2; number <= 5; ++number) {
    record.generations = {record.current(), SampleGeneration(number)};
    record.generations[0].ends = 1700001000 + number;
    ++record.version;
    ASSERT_TRUE(keys_->Update(record));
    EXPECT_EQ(Stored(1), record);
  }
  EXPECT_EQ(QueryInt(*database_, "SELECT count(*) FROM key_generation"), 5);
  EXPECT_EQ(QueryInt(*database_, "SELECT ends FROM key_generation WHERE number = 2"), 1700001003);
  // A record that keeps only its current generation is read so, though older ones are in the table.
  record.generations = {record.current()};
  ++record.version;
  ASSERT_TRUE(keys_->Update(record));
  EXPECT_EQ(Stored(1), record);
}

TEST_F(KeyRepositoryTest, RefusesGenerationsThatNoRecordHas) {
  KeyRecord none = SampleRecord(1);
  none.generations.clear();
  KeyRecord three = SampleRecord(1);
  three.generations = {SampleGeneration(1), SampleGeneration(2), SampleGeneration(3)};
  KeyRecord reversed = SampleRecord(1);
  reversed.generations = {SampleGeneration(2), SampleGeneration(1)};
  KeyRecord zero = SampleRecord(1);
  zero.generations = {SampleGeneration(0)};
  for (const KeyRecord& record : {none, three, reversed, zero}) {
    Status insert = keys_->Insert(record);
    ASSERT_FALSE(insert);
    EXPECT_EQ(insert.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_FALSE(keys_->Update(record));
  }
  EXPECT_EQ(keys_->Count().value(), 0);
}

TEST_F(KeyRepositoryTest, CallsARowCorruptThatIsNoRecord) {
  const char* changes[] = {"UPDATE key SET state = 9",
                           "UPDATE key SET mac = x'00'",
                           "UPDATE key SET generations = 2",
                           "UPDATE key SET generation = 3",
                           "UPDATE key_generation SET verifier = x'01'",
                           "DELETE FROM key_generation"};
  ASSERT_TRUE(keys_->Insert(SampleRecord(1)));
  ASSERT_TRUE(database_->Execute("PRAGMA ignore_check_constraints = ON"));
  for (const char* change : changes) {
    ASSERT_TRUE(database_->Execute("BEGIN"));
    ASSERT_TRUE(database_->Execute(change));
    Result<std::optional<KeyRecord>> found = keys_->Find(SampleId(1));
    ASSERT_FALSE(found) << change;
    EXPECT_EQ(found.error().code(), ErrorCode::kCorrupt);
    EXPECT_FALSE(keys_->List({}, std::nullopt, 10)) << change;
    ASSERT_TRUE(database_->Execute("ROLLBACK"));
  }
  EXPECT_EQ(Stored(1), SampleRecord(1));
}

TEST_F(KeyRepositoryTest, TheTableItselfRefusesImpossibleRows) {
  ASSERT_TRUE(keys_->Insert(SampleRecord(1)));
  for (const char* change :
       {"UPDATE key SET state = 4", "UPDATE key SET key_id = x'00'", "UPDATE key SET version = 0",
        "UPDATE key SET name = NULL", "UPDATE key_generation SET verifier = x'01'", "DELETE FROM key"}) {
    EXPECT_FALSE(database_->Execute(change)) << change;
  }
}

}  // namespace
}  // namespace claviger::store
