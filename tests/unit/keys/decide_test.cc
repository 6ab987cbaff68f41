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
  Decision DecideFor(const std::function<void(KeyRecord&)>& change, const VerifyQuery& query = {},
                     UnixSeconds now = kTestNow, std::uint32_t generation = 2) const {
    KeyRecord record = SampleRecord();
    change(record);
    return Decide(KeyEntry(record, catalogue_, {"", ""}), generation, query, now);
  }
  static void Unchanged(KeyRecord&) {}

  std::shared_ptr<const Catalogue> catalogue_ = SampleCatalogue();
};

TEST_F(DecideTest, AnActiveKeyIsValid) {
  EXPECT_EQ(DecideFor(Unchanged).code, VerdictCode::kValid);
  EXPECT_EQ(DecideFor(Unchanged, Query({"read:policies:admin"})).code, VerdictCode::kValid);
  EXPECT_EQ(DecideFor(Unchanged, Query({"read:policies:admin", "read:domains:admin"})).code,
            VerdictCode::kValid);
}

TEST_F(DecideTest, NamesTheScopesThatTheKeyLacks) {
  const Decision decision =
      DecideFor(Unchanged, Query({"read:policies:admin", "write:policies:admin", "read:elsewhere"}));
  EXPECT_EQ(decision.code, VerdictCode::kInsufficientScope);
  EXPECT_FALSE(decision.missing[0]);
  EXPECT_TRUE(decision.missing[1]);
  EXPECT_TRUE(decision.missing[2]) << "not catalogued";
}

TEST_F(DecideTest, TheRightActionOnlyIsEnough) {
  EXPECT_EQ(DecideFor(Unchanged, Query({"delete:policies:admin"})).code, VerdictCode::kInsufficientScope);
  EXPECT_EQ(DecideFor(Unchanged, Query({"write:domains:admin"})).code, VerdictCode::kInsufficientScope);
}

TEST_F(DecideTest, APatternGivesEveryCataloguedScopeThatItMatchesAndNoOther) {
  const auto reader = [](KeyRecord& record) { record.scopes = {"read:*:admin"}; };
  EXPECT_EQ(DecideFor(reader, Query({"read:policies:admin", "read:domains:admin"})).code,
            VerdictCode::kValid);
  EXPECT_EQ(DecideFor(reader, Query({"write:policies:admin"})).code, VerdictCode::kInsufficientScope);
  EXPECT_EQ(DecideFor(reader, Query({"read:elsewhere:admin"})).code, VerdictCode::kInsufficientScope)
      << "not catalogued";
}

TEST_F(DecideTest, AnOldSecretThatWaitsForTheNewOneEndsWithItsFirstUse) {
  KeyRecord record = SampleRecord();
  record.generations.front().until_used = true;
  KeyEntry entry(record, catalogue_, {"", ""});
  EXPECT_EQ(Decide(entry, 1, {}, kTestNow).code, VerdictCode::kValid);
  EXPECT_TRUE(entry.EndGrace());
  EXPECT_FALSE(entry.EndGrace()) << "one caller makes it durable";
  EXPECT_EQ(Decide(entry, 1, {}, kTestNow).code, VerdictCode::kExpired);
  EXPECT_EQ(Decide(entry, 2, {}, kTestNow).code, VerdictCode::kValid);
  KeyEntry renewed(record, catalogue_, {"", ""});
  renewed.Adopt(entry);
  EXPECT_EQ(Decide(renewed, 1, {}, kTestNow).code, VerdictCode::kExpired);
}

TEST_F(DecideTest, AnOldSecretWithAGraceOfItsOwnOutlivesTheUseOfTheNewOne) {
  KeyEntry entry(SampleRecord(), catalogue_, {"", ""});
  EXPECT_TRUE(entry.EndGrace());
  EXPECT_EQ(Decide(entry, 1, {}, kTestNow).code, VerdictCode::kValid);
}

TEST_F(DecideTest, AnUnscopedKeyHasEveryScopeCataloguedOrNot) {
  const auto unscoped = [](KeyRecord& record) {
    record.scopes.clear();
    record.unscoped = true;
  };
  EXPECT_EQ(DecideFor(unscoped, Query({"delete:policies:admin", "read:elsewhere"})).code,
            VerdictCode::kValid);
  EXPECT_EQ(DecideFor([](KeyRecord& record) { record.scopes.clear(); }, Query({"read:policies:admin"})).code,
            VerdictCode::kInsufficientScope)
      << "no scopes without the mark for full access is no access";
}

TEST_F(DecideTest, AScopeThatLeftTheCatalogueIsLostAndOthersAreNot) {
  const auto changed = [](KeyRecord& record) { record.scopes = {"read:gone:admin", "read:policies:admin"}; };
  EXPECT_EQ(DecideFor(changed, Query({"read:policies:admin"})).code, VerdictCode::kValid);
  EXPECT_EQ(DecideFor(changed, Query({"read:gone:admin"})).code, VerdictCode::kInsufficientScope);
}

TEST_F(DecideTest, TakesAsManyScopesAsAQueryMayHave) {
  VerifyQuery query;
  while (query.scope_count < kMaxScopesPerQuery)
    query.scopes[query.scope_count++] = VerifyQuery::kNotCatalogued;
  query.scopes.back() = *catalogue_->Find("read:policies:admin");
  const Decision decision = DecideFor(Unchanged, query);
  EXPECT_EQ(std::count(decision.missing.begin(), decision.missing.end(), true), kMaxScopesPerQuery - 1);
  EXPECT_FALSE(decision.missing.back());
}

TEST_F(DecideTest, TimesBoundTheKeyToTheSecond) {
  const KeyRecord record = SampleRecord();
  EXPECT_EQ(DecideFor(Unchanged, {}, record.not_before - 1).code, VerdictCode::kPending);
  EXPECT_EQ(DecideFor(Unchanged, {}, record.not_before).code, VerdictCode::kValid);
  EXPECT_EQ(DecideFor(Unchanged, {}, record.expires - 1).code, VerdictCode::kValid);
  EXPECT_EQ(DecideFor(Unchanged, {}, record.expires).code, VerdictCode::kExpired);
}

TEST_F(DecideTest, TheGenerationBeforeIsValidUntilItsGraceEnds) {
  const UnixSeconds ends = *SampleRecord().generations[0].ends;
  EXPECT_EQ(DecideFor(Unchanged, {}, ends - 1, 1).code, VerdictCode::kValid);
  EXPECT_EQ(DecideFor(Unchanged, {}, ends, 1).code, VerdictCode::kExpired);
  EXPECT_EQ(DecideFor(Unchanged, {}, ends, 2).code, VerdictCode::kValid);
}

TEST_F(DecideTest, AGenerationThatTheRecordDoesNotHaveIsUnknown) {
  EXPECT_EQ(DecideFor(Unchanged, {}, kTestNow, 3).code, VerdictCode::kUnknown);
  EXPECT_EQ(DecideFor(Unchanged, {}, kTestNow, 0).code, VerdictCode::kUnknown);
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
  EXPECT_EQ(DecideFor(with(RecordState::kRevoked, future, past), lacking).code, VerdictCode::kRevoked);
  EXPECT_EQ(DecideFor(with(RecordState::kPaused, future, past), lacking).code, VerdictCode::kPaused);
  EXPECT_EQ(DecideFor(with(RecordState::kActive, future, past), lacking).code, VerdictCode::kPending);
  EXPECT_EQ(DecideFor(with(RecordState::kActive, past, past), lacking).code, VerdictCode::kExpired);
  EXPECT_EQ(DecideFor(with(RecordState::kActive, past, future), lacking).code,
            VerdictCode::kInsufficientScope);
  EXPECT_EQ(DecideFor(with(RecordState::kActive, past, future)).code, VerdictCode::kValid);
}

}  // namespace
}  // namespace claviger::keys
