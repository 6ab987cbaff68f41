#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "daemon/keys/key_entry.h"
#include "tests/unit/keys/sample_records.h"

namespace claviger::keys {
namespace {

class DecideTest : public ::testing::Test {
 protected:
  VerifyQuery Query(std::initializer_list<std::string_view> scopes) const {
    VerifyQuery query;
    for (const std::string_view scope : scopes) {
      query.scopes[query.scope_count++] = catalogue_->Find(scope).value_or(VerifyQuery::kNotCatalogued);
    }
    return query;
  }
  KeyEntryPtr EntryOf(const KeyRecord& record) const {
    return KeyEntry::Make(record, KeyProfilePtr(new KeyProfile(record, catalogue_, "")));
  }
  VerdictCode DecideFor(const std::function<void(KeyRecord&)>& change, const VerifyQuery& query = {},
                        UnixSeconds now = kTestNow, std::uint32_t generation = 2) const {
    KeyRecord record = SampleRecord();
    change(record);
    return Decide(*EntryOf(record), generation, query, now);
  }
  static void Unchanged(KeyRecord&) {}

  std::shared_ptr<const Catalogue> catalogue_ = SampleCatalogue();
};

TEST_F(DecideTest, AnActiveKeyIsValid) {
  EXPECT_EQ(DecideFor(Unchanged), VerdictCode::kValid);
  EXPECT_EQ(DecideFor(Unchanged, Query({"read:policies:admin"})), VerdictCode::kValid);
  EXPECT_EQ(DecideFor(Unchanged, Query({"read:policies:admin", "read:domains:admin"})), VerdictCode::kValid);
}

TEST_F(DecideTest, OneScopeThatTheKeyLacksIsEnoughToRefuse) {
  EXPECT_EQ(DecideFor(Unchanged, Query({"read:policies:admin", "write:policies:admin"})),
            VerdictCode::kInsufficientScope);
  EXPECT_EQ(DecideFor(Unchanged, Query({"read:policies:admin", "read:elsewhere"})),
            VerdictCode::kInsufficientScope)
      << "not catalogued";
}

TEST_F(DecideTest, TheRightActionOnlyIsEnough) {
  EXPECT_EQ(DecideFor(Unchanged, Query({"delete:policies:admin"})), VerdictCode::kInsufficientScope);
  EXPECT_EQ(DecideFor(Unchanged, Query({"write:domains:admin"})), VerdictCode::kInsufficientScope);
}

TEST_F(DecideTest, APatternGivesEveryCataloguedScopeThatItMatchesAndNoOther) {
  const auto reader = [](KeyRecord& record) { record.scopes = {"read:*:admin"}; };
  EXPECT_EQ(DecideFor(reader, Query({"read:policies:admin", "read:domains:admin"})), VerdictCode::kValid);
  EXPECT_EQ(DecideFor(reader, Query({"write:policies:admin"})), VerdictCode::kInsufficientScope);
  EXPECT_EQ(DecideFor(reader, Query({"read:elsewhere:admin"})), VerdictCode::kInsufficientScope)
      << "not catalogued";
}

TEST_F(DecideTest, AnOldSecretThatWaitsForTheNewOneEndsWithItsFirstUse) {
  KeyRecord record = SampleRecord();
  record.generations.front().until_used = true;
  const KeyEntryPtr entry = EntryOf(record);
  EXPECT_EQ(Decide(*entry, 1, {}, kTestNow), VerdictCode::kValid);
  EXPECT_FALSE(entry->EndGrace(1, kTestNow)) << "it was the old one itself that was used";
  EXPECT_TRUE(entry->EndGrace(2, kTestNow));
  EXPECT_FALSE(entry->EndGrace(2, kTestNow)) << "one caller makes it durable";
  EXPECT_EQ(Decide(*entry, 1, {}, kTestNow), VerdictCode::kExpired);
  EXPECT_EQ(Decide(*entry, 2, {}, kTestNow), VerdictCode::kValid);
  const KeyEntryPtr renewed = EntryOf(record);
  renewed->Adopt(*entry);
  EXPECT_EQ(Decide(*renewed, 1, {}, kTestNow), VerdictCode::kExpired);
}

TEST_F(DecideTest, AGraceThatIsOverAnywayNeedsNoUseToEndIt) {
  KeyRecord record = SampleRecord();
  record.generations.front().until_used = true;
  EXPECT_FALSE(EntryOf(record)->EndGrace(2, *record.generations.front().ends));
}

TEST_F(DecideTest, AnOldSecretWithAGraceOfItsOwnOutlivesTheUseOfTheNewOne) {
  const KeyEntryPtr entry = EntryOf(SampleRecord());
  EXPECT_FALSE(entry->EndGrace(2, kTestNow));
  EXPECT_EQ(Decide(*entry, 1, {}, kTestNow), VerdictCode::kValid);
}

TEST_F(DecideTest, AnUnscopedKeyHasEveryScopeCataloguedOrNot) {
  const auto unscoped = [](KeyRecord& record) {
    record.scopes.clear();
    record.unscoped = true;
  };
  EXPECT_EQ(DecideFor(unscoped, Query({"delete:policies:admin", "read:elsewhere"})), VerdictCode::kValid);
  EXPECT_EQ(DecideFor([](KeyRecord& record) { record.scopes.clear(); }, Query({"read:policies:admin"})),
            VerdictCode::kInsufficientScope)
      << "no scopes without the mark for full access is no access";
}

TEST_F(DecideTest, AScopeThatLeftTheCatalogueIsLostAndOthersAreNot) {
  const auto changed = [](KeyRecord& record) { record.scopes = {"read:gone:admin", "read:policies:admin"}; };
  EXPECT_EQ(DecideFor(changed, Query({"read:policies:admin"})), VerdictCode::kValid);
  EXPECT_EQ(DecideFor(changed, Query({"read:gone:admin"})), VerdictCode::kInsufficientScope);
}

TEST_F(DecideTest, TakesAsManyScopesAsAQueryMayHave) {
  VerifyQuery query;
  while (query.scope_count < kMaxScopesPerQuery)
    query.scopes[query.scope_count++] = VerifyQuery::kNotCatalogued;
  query.scopes.back() = *catalogue_->Find("read:policies:admin");
  EXPECT_EQ(DecideFor(Unchanged, query), VerdictCode::kInsufficientScope);
  std::fill(query.scopes.begin(), query.scopes.end(), *catalogue_->Find("read:policies:admin"));
  EXPECT_EQ(DecideFor(Unchanged, query), VerdictCode::kValid);
  query.scopes.back() = VerifyQuery::kNotCatalogued;
  EXPECT_EQ(DecideFor(Unchanged, query), VerdictCode::kInsufficientScope);
}

TEST_F(DecideTest, TimesBoundTheKeyToTheSecond) {
  const KeyRecord record = SampleRecord();
  EXPECT_EQ(DecideFor(Unchanged, {}, record.not_before - 1), VerdictCode::kPending);
  EXPECT_EQ(DecideFor(Unchanged, {}, record.not_before), VerdictCode::kValid);
  EXPECT_EQ(DecideFor(Unchanged, {}, record.expires - 1), VerdictCode::kValid);
  EXPECT_EQ(DecideFor(Unchanged, {}, record.expires), VerdictCode::kExpired);
}

TEST_F(DecideTest, TheGenerationBeforeIsValidUntilItsGraceEnds) {
  const UnixSeconds ends = *SampleRecord().generations[0].ends;
  EXPECT_EQ(DecideFor(Unchanged, {}, ends - 1, 1), VerdictCode::kValid);
  EXPECT_EQ(DecideFor(Unchanged, {}, ends, 1), VerdictCode::kExpired);
  EXPECT_EQ(DecideFor(Unchanged, {}, ends, 2), VerdictCode::kValid);
}

TEST_F(DecideTest, AGenerationThatTheRecordDoesNotHaveIsUnknown) {
  EXPECT_EQ(DecideFor(Unchanged, {}, kTestNow, 3), VerdictCode::kUnknown);
  EXPECT_EQ(DecideFor(Unchanged, {}, kTestNow, 0), VerdictCode::kUnknown);
}

// Each reason to refuse, in the order of the checks: with several at once, the first is told.
TEST_F(DecideTest, TellsTheFirstReasonInTheFixedOrder) {
  const VerifyQuery lacking = Query({"write:policies:admin"});
  const auto with = [](RecordState state, UnixSeconds not_before, UnixSeconds expires) {
    return [=](KeyRecord& record) {
      record.state = state;
      record.not_before = not_before;
      record.expires = expires;
    };
  };
  const UnixSeconds past = kTestNow - 1, future = kTestNow + 1;
  EXPECT_EQ(DecideFor(with(RecordState::kRevoked, future, past), lacking), VerdictCode::kRevoked);
  EXPECT_EQ(DecideFor(with(RecordState::kPaused, future, past), lacking), VerdictCode::kPaused);
  EXPECT_EQ(DecideFor(with(RecordState::kActive, future, past), lacking), VerdictCode::kPending);
  EXPECT_EQ(DecideFor(with(RecordState::kActive, past, past), lacking), VerdictCode::kExpired);
  EXPECT_EQ(DecideFor(with(RecordState::kActive, past, future), lacking), VerdictCode::kInsufficientScope);
  EXPECT_EQ(DecideFor(with(RecordState::kActive, past, future)), VerdictCode::kValid);
}

}  // namespace
}  // namespace claviger::keys
