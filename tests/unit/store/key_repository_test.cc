#include <gmock/gmock.h>

#include "daemon/store/notice_repository.h"
#include "tests/unit/store/key_fixture.h"

namespace claviger::store {
namespace {

using keys::KeyRecord;

class KeyRepositoryTest : public KeyTablesTest {
 protected:
  KeyRecord Stored(std::uint32_t number) {
    Result<std::optional<KeyRecord>> found = keys_->Find(SampleId(number));
    if (!found || !*found) {
      ADD_FAILURE() << "no record " << number;
      return {};
    }
    return **found;
  }
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
  record.bundles = {"auditing", "read-only"};
  record.replaces = SampleId(76);
  record.paused_by = "dora";
  record.state = keys::RecordState::kRevoked;
  record.revoked_at = 1750000000;
  record.end_reason = "lost laptop";
  record.generations = {SampleGeneration(4), SampleGeneration(5)};
  record.generations[0].ends = 1710000000;
  record.generations[0].until_used = true;
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
  usage_.reset();
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

TEST_F(KeyRepositoryTest, KnowsHowManyKeysThereAreWhicheverGo) {
  const auto expect_count = [this](int expected, const char* when) {
    EXPECT_EQ(keys_->Count().value(), expected) << when;
    EXPECT_EQ(QueryInt(*database_, "SELECT count(*) FROM key"), expected) << when;
  };
  expect_count(0, "an empty table");
  for (std::uint32_t i = 1; i <= 6; ++i) ASSERT_TRUE(keys_->Insert(SampleRecord(i)));
  ASSERT_TRUE(keys_->Remove(SampleId(5)));
  expect_count(5, "the last but one is gone");
  ASSERT_TRUE(keys_->Remove(SampleId(6)));
  expect_count(4, "the last is gone, and one before it was");
  ASSERT_TRUE(keys_->Insert(SampleRecord(7)));
  expect_count(5, "a new one has the ref of one that is gone");
  ASSERT_TRUE(keys_->Remove(SampleId(1)));
  EXPECT_FALSE(keys_->Remove(SampleId(1)));
  EXPECT_FALSE(keys_->Insert(SampleRecord(7)));
  expect_count(4, "what was refused counts for nothing");
  for (const std::uint32_t i : {7U, 2U, 4U, 3U}) ASSERT_TRUE(keys_->Remove(SampleId(i)));
  expect_count(0, "all are gone");
  ASSERT_TRUE(keys_->Insert(SampleRecord(8)));
  expect_count(1, "one after all were gone");
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
  const char* changes[] = {"UPDATE key SET state = 9",        "UPDATE key SET mac = x'00'",
                           "UPDATE key SET replaces = x'00'", "UPDATE key SET generations = 2",
                           "UPDATE key SET generation = 3",   "UPDATE key_generation SET verifier = x'01'",
                           "DELETE FROM key_generation"};
  ASSERT_TRUE(keys_->Insert(SampleRecord(1)));
  ASSERT_TRUE(database_->Execute("PRAGMA ignore_check_constraints = ON"));
  for (const char* change : changes) {
    ASSERT_TRUE(database_->Execute("BEGIN"));
    ASSERT_TRUE(database_->Execute(change));
    Result<std::optional<KeyRecord>> found = keys_->Find(SampleId(1));
    ASSERT_FALSE(found) << change;
    EXPECT_EQ(found.error().code(), ErrorCode::kCorrupt);
    ASSERT_TRUE(database_->Execute("ROLLBACK"));
  }
  EXPECT_EQ(Stored(1), SampleRecord(1));
}

TEST_F(KeyRepositoryTest, TheTableItselfRefusesImpossibleRows) {
  ASSERT_TRUE(keys_->Insert(SampleRecord(1)));
  for (const char* change :
       {"UPDATE key SET state = 4", "UPDATE key SET key_id = x'00'", "UPDATE key SET version = 0",
        "UPDATE key SET name = NULL", "UPDATE key SET replaces = x'00'", "UPDATE key SET bundles = NULL",
        "UPDATE key SET paused_by = NULL", "UPDATE key_generation SET until_used = 2",
        "UPDATE key_generation SET verifier = x'01'", "DELETE FROM key"}) {
    EXPECT_FALSE(database_->Execute(change)) << change;
  }
}

TEST_F(KeyRepositoryTest, FindsTheNewestKeyThatReplacesAnother) {
  std::vector<KeyRecord> records = {SampleRecord(1), SampleRecord(2), SampleRecord(3), SampleRecord(4)};
  records[1].replaces = SampleId(1);
  records[2].replaces = SampleId(1);
  records[3].replaces = SampleId(2);
  Insert(records);
  EXPECT_EQ(keys_->FindSuccessor(SampleId(1)).value(), SampleId(3));
  EXPECT_EQ(keys_->FindSuccessor(SampleId(2)).value(), SampleId(4));
  EXPECT_EQ(keys_->FindSuccessor(SampleId(3)).value(), std::nullopt);
  EXPECT_EQ(keys_->FindSuccessor(SampleId(9)).value(), std::nullopt);
}

TEST_F(KeyRepositoryTest, TellsTheGenerationsThatTheRecordHoldsNoLonger) {
  KeyRecord record = SampleRecord(1);
  Insert({record, SampleRecord(2)});
  EXPECT_TRUE(keys_->EndedGenerations(SampleId(1), 10).value().empty());
  EXPECT_TRUE(keys_->EndedGenerations(SampleId(9), 10).value().empty());
  for (std::uint32_t number = 2; number <= 5; ++number) {
    record.generations = {record.current(), SampleGeneration(number)};
    record.generations[0].ends = 1700001000 + number;
    ++record.version;
    ASSERT_TRUE(keys_->Update(record));
  }
  const auto numbers = [this](int limit) {
    std::vector<std::uint32_t> all;
    for (const auto& generation : keys_->EndedGenerations(SampleId(1), limit).value()) {
      EXPECT_EQ(generation.verifier, SampleGeneration(generation.number).verifier);
      EXPECT_EQ(generation.ends, 1700001000 + generation.number + 1);
      all.push_back(generation.number);
    }
    return all;
  };
  EXPECT_THAT(numbers(10), testing::ElementsAre(3, 2, 1));
  EXPECT_THAT(numbers(2), testing::ElementsAre(3, 2));
  EXPECT_THAT(numbers(0), testing::ElementsAre());
  EXPECT_THAT(numbers(-1), testing::ElementsAre());
  record.generations = {record.current()};
  ++record.version;
  ASSERT_TRUE(keys_->Update(record));
  ASSERT_EQ(keys_->EndedGenerations(SampleId(1), 10).value().size(), 4U);
}

TEST_F(KeyRepositoryTest, RemovesAKeyWithAllThatIsKeptOfItAndNoOther) {
  Insert({SampleRecord(1), SampleRecord(2)});
  Result<std::unique_ptr<NoticeRepository>> notices = NoticeRepository::Create(*database_);
  ASSERT_TRUE(notices);
  for (const std::uint32_t number : {1U, 2U}) {
    UsageIncrement increment;
    increment.id = SampleId(number);
    increment.uses = {{1, {1000, "web.service"}, 0, 1700000000, 1}};
    increment.asked = {{"read:a", 1700000000}};
    ASSERT_TRUE(usage_->Add(increment));
    ASSERT_TRUE((*notices)->MarkAnnounced(SampleId(number), 1800000000, 86400).value());
  }
  ASSERT_TRUE(keys_->Remove(SampleId(1)));
  for (const char* table :
       {"key", "key_generation", "usage", "usage_caller", "usage_scope", "announcement"}) {
    EXPECT_EQ(QueryInt(*database_, "SELECT count(*) FROM " + std::string(table)), 1) << table;
  }
  EXPECT_EQ(keys_->Find(SampleId(1)).value(), std::nullopt);
  EXPECT_EQ(Stored(2), SampleRecord(2));
  EXPECT_TRUE(usage_->Find(SampleId(2)).value().has_value());
}

TEST_F(KeyRepositoryTest, RefusesToRemoveAKeyThatDoesNotExist) {
  Status removed = keys_->Remove(SampleId(1));
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace claviger::store
