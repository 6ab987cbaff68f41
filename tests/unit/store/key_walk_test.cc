#include <gmock/gmock.h>

#include "tests/unit/store/key_fixture.h"

namespace claviger::store {
namespace {

using keys::KeyRecord;
using keys::KeyState;
using testing::HasSubstr;

class KeyWalkTest : public KeyTablesTest {};

TEST_F(KeyWalkTest, ASummaryTellsWhatTheRecordAndItsUsageSay) {
  KeyRecord record = SampleRecord(1);
  record.team = "ops";
  record.description = "d";
  record.not_before = 1700000005;
  record.generations = {SampleGeneration(1), SampleGeneration(2)};
  record.generations[0].ends = 1700005000;
  KeyRecord unscoped = SampleRecord(2);
  unscoped.scopes.clear();
  unscoped.unscoped = true;
  unscoped.state = keys::RecordState::kPaused;
  Insert({record, unscoped});
  Use(SampleId(1), 1700000020);
  KeyFilter filter;
  filter.now = 1700000004;
  const std::vector<KeySummary> all = keys_->Summaries(filter, {1, 2}).value();
  ASSERT_EQ(all.size(), 2U);
  const KeySummary& first = all[0];
  EXPECT_EQ(first.ref, 1);
  EXPECT_EQ(first.id, record.id);
  EXPECT_EQ(first.name, record.name);
  EXPECT_EQ(first.owner, "alice");
  EXPECT_EQ(first.team, "ops");
  EXPECT_EQ(first.creator, "bob");
  EXPECT_TRUE(first.described);
  EXPECT_EQ(first.created, record.created);
  EXPECT_EQ(first.not_before, record.not_before);
  EXPECT_EQ(first.expires, record.expires);
  EXPECT_EQ(first.scopes, "read:policies:admin write:users");
  EXPECT_FALSE(first.unscoped);
  EXPECT_EQ(first.state, KeyState::kPending);
  EXPECT_EQ(first.generation_created, SampleGeneration(2).created);
  EXPECT_EQ(first.usage.last_used, 1700000020);
  EXPECT_EQ(first.usage.uses, 1);
  EXPECT_EQ(all[1].scopes, "");
  EXPECT_TRUE(all[1].unscoped);
  EXPECT_FALSE(all[1].described);
  EXPECT_EQ(all[1].state, KeyState::kPaused);
  EXPECT_EQ(all[1].usage.last_used, 0);
}

TEST_F(KeyWalkTest, RecordsAreWholeAndHaveTheirUsage) {
  KeyRecord record = SampleRecord(1);
  record.generations = {SampleGeneration(1), SampleGeneration(2)};
  record.generations[0].ends = 1700005000;
  record.generations[0].until_used = true;
  Insert({record, SampleRecord(2)});
  Use(SampleId(2), 1700000020);
  const std::vector<ListedKey> all = keys_->Read(std::vector<std::int64_t>{1, 2}).value();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].record, record);
  EXPECT_FALSE(all[0].usage);
  EXPECT_EQ(all[1].record, SampleRecord(2));
  ASSERT_TRUE(all[1].usage);
  EXPECT_EQ(all[1].usage->last_used, 1700000020);
}

TEST_F(KeyWalkTest, ReadsKeysInTheOrderThatIsAskedForAndLeavesOutThoseThatAreGone) {
  Insert({SampleRecord(1), SampleRecord(2), SampleRecord(3)});
  ASSERT_TRUE(keys_->Remove(SampleId(2)));
  const std::vector<std::int64_t> refs = {3, 2, 1, 99, 3};
  const std::vector<ListedKey> read = keys_->Read(refs).value();
  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(read[0].record, SampleRecord(3));
  EXPECT_EQ(read[1].record, SampleRecord(1));
  EXPECT_EQ(read[2].record, SampleRecord(3));
  EXPECT_TRUE(keys_->Read({}).value().empty());
}

TEST_F(KeyWalkTest, ARowThatIsNoRecordFailsTheWalk) {
  Insert({SampleRecord(1)});
  ASSERT_TRUE(database_->Execute("PRAGMA ignore_check_constraints = ON"));
  for (const char* change : {"UPDATE key SET state = 9", "UPDATE key SET key_id = x'00'",
                             "DELETE FROM key_generation", "UPDATE key SET generation = 3"}) {
    ASSERT_TRUE(database_->Execute("BEGIN"));
    ASSERT_TRUE(database_->Execute(change));
    const auto summaries = keys_->Summaries({}, {1, 1});
    const auto read = keys_->Read(std::vector<std::int64_t>{1});
    ASSERT_FALSE(summaries) << change;
    ASSERT_FALSE(read) << change;
    EXPECT_EQ(summaries.error().code(), ErrorCode::kCorrupt);
    EXPECT_EQ(read.error().code(), ErrorCode::kCorrupt);
    ASSERT_TRUE(database_->Execute("ROLLBACK"));
  }
}

// As the file would look to someone who reads what SQLite makes of the lists.
TEST_F(KeyWalkTest, ListsReadTheShortCopyAndNotTheTable) {
  Result<Statement> plan = Statement::Prepare(
      *database_,
      "EXPLAIN QUERY PLAN SELECT k.ref, k.name FROM key AS k INDEXED BY key_listing "
      "WHERE k.ref BETWEEN 1 AND 9 AND k.created < 5 AND k.expires < 5 AND k.not_before < 5 "
      "AND k.unscoped = 0 AND k.state = 1 AND k.owner = '' AND k.creator = '' AND k.team = ''");
  ASSERT_TRUE(plan);
  ASSERT_TRUE(plan->Step().value());
  EXPECT_THAT(plan->Text(3), HasSubstr("COVERING INDEX key_listing"));
}

}  // namespace
}  // namespace claviger::store
