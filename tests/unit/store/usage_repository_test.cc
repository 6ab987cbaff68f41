#include "daemon/store/usage_repository.h"

#include <gtest/gtest.h>

#include <algorithm>

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
  static UsageIncrement Increment(std::vector<CallerUse> uses) {
    UsageIncrement increment;
    increment.id = SampleId(1);
    increment.uses = std::move(uses);
    return increment;
  }
  static UsageIncrement Denial(std::int64_t denials, UnixSeconds time, std::uint32_t uid,
                               keys::VerdictCode code) {
    UsageIncrement increment;
    increment.id = SampleId(1);
    increment.denials = denials;
    increment.last_denied = time;
    increment.last_denied_uid = uid;
    increment.last_denial = code;
    return increment;
  }
  // One use by uid 1000 + `caller`, each with a unit of its own.
  static CallerUse UseBy(std::uint32_t caller, std::uint32_t generation = 1) {
    return {generation, {1000 + caller, "unit" + std::to_string(caller)}, 0, 1700000000 + caller, 1};
  }
  std::vector<CallerUse> Callers() { return usage_->Callers(SampleId(1)).value(); }
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
  UsageIncrement first = Increment({{1, {1000, ""}, 0, 1700000010, 3}});
  first.denials = 1;
  ASSERT_TRUE(usage_->Add(first));
  ASSERT_TRUE(usage_->Add(Increment({{1, {1001, ""}, 0, 1700000020, 3}, {1, {1002, ""}, 0, 1700000015, 1}})));
  const Usage usage = Stored();
  EXPECT_EQ(usage.uses, 7);
  EXPECT_EQ(usage.denials, 1);
  EXPECT_EQ(usage.first_used, 1700000010);
  EXPECT_EQ(usage.last_used, 1700000020);
  EXPECT_EQ(usage.last_uid, 1001U);
}

TEST_F(UsageRepositoryTest, AnOlderBatchDoesNotMoveTheLastUseBack) {
  ASSERT_TRUE(usage_->Add(Increment({{1, {4294967295U, ""}, 0, 1700000020, 1}})));
  ASSERT_TRUE(usage_->Add(Increment({{1, {1000, ""}, 0, 1700000010, 1}})));
  const Usage usage = Stored();
  EXPECT_EQ(usage.uses, 2);
  EXPECT_EQ(usage.first_used, 1700000010);
  EXPECT_EQ(usage.last_used, 1700000020);
  EXPECT_EQ(usage.last_uid, 4294967295U);
}

TEST_F(UsageRepositoryTest, DenialsAloneAreNoUse) {
  ASSERT_TRUE(usage_->Add(Denial(2, 1700000005, 77, keys::VerdictCode::kExpired)));
  EXPECT_EQ(Stored().denials, 2);
  EXPECT_EQ(Stored().first_used, 0);
  EXPECT_EQ(Stored().last_used, 0);
  ASSERT_TRUE(usage_->Add(Increment({{1, {1000, ""}, 0, 1700000010, 1}})));
  ASSERT_TRUE(usage_->Add(Denial(1, 1700000015, 77, keys::VerdictCode::kExpired)));
  EXPECT_EQ(Stored().first_used, 1700000010);
  EXPECT_EQ(Stored().last_used, 1700000010);
  EXPECT_EQ(Stored().last_uid, 1000U);
  EXPECT_EQ(Stored().denials, 3);
}

TEST_F(UsageRepositoryTest, KeepsTheLastDenialWithItsReasonAndCaller) {
  ASSERT_TRUE(usage_->Add(Increment({{1, {1000, ""}, 0, 1700000000, 1}})));
  EXPECT_EQ(Stored().last_denied, 0);
  EXPECT_EQ(Stored().last_denial, std::nullopt);
  ASSERT_TRUE(usage_->Add(Denial(1, 1700000020, 77, keys::VerdictCode::kInsufficientScope)));
  ASSERT_TRUE(usage_->Add(Denial(1, 1700000010, 78, keys::VerdictCode::kRevoked)));
  EXPECT_EQ(Stored().last_denied, 1700000020);
  EXPECT_EQ(Stored().last_denied_uid, 77U);
  EXPECT_EQ(Stored().last_denial, keys::VerdictCode::kInsufficientScope);
  ASSERT_TRUE(usage_->Add(Denial(1, 1700000030, 78, keys::VerdictCode::kRevoked)));
  EXPECT_EQ(Stored().last_denied, 1700000030);
  EXPECT_EQ(Stored().last_denied_uid, 78U);
  EXPECT_EQ(Stored().last_denial, keys::VerdictCode::kRevoked);
}

TEST_F(UsageRepositoryTest, EveryDenialReadsBackAsItself) {
  for (std::uint8_t code = 0; code <= static_cast<std::uint8_t>(keys::VerdictCode::kUnavailable); ++code) {
    const auto denial = static_cast<keys::VerdictCode>(code);
    ASSERT_TRUE(usage_->Add(Denial(1, 1700000000 + code, 1, denial)));
    EXPECT_EQ(Stored().last_denial, denial);
  }
}

TEST_F(UsageRepositoryTest, RefusesAKeyThatDoesNotExist) {
  UsageIncrement increment = Increment({{1, {1000, ""}, 0, 1700000010, 1}});
  increment.id = SampleId(9);
  Status add = usage_->Add(increment);
  ASSERT_FALSE(add);
  EXPECT_EQ(add.error().code(), ErrorCode::kNotFound);
  Status ended = usage_->NoteEndedSecret(SampleId(9), 1, 1700000010);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code(), ErrorCode::kNotFound);
}

TEST_F(UsageRepositoryTest, TellsWhoUsedWhichGenerationLatestFirst) {
  ASSERT_TRUE(usage_->Add(Increment({{1, {33, "web.service"}, 0, 1700000010, 2},
                                     {2, {33, "web.service"}, 0, 1700000030, 1},
                                     {1, {33, "cron.service"}, 0, 1700000020, 1}})));
  ASSERT_TRUE(usage_->Add(Increment({{1, {33, "web.service"}, 0, 1700000005, 4}})));
  const std::vector<CallerUse> callers = Callers();
  ASSERT_EQ(callers.size(), 3U);
  EXPECT_EQ(callers[0].generation, 2U);
  EXPECT_EQ(callers[1].caller, (Caller{33, "cron.service"}));
  EXPECT_EQ(callers[2].caller, (Caller{33, "web.service"}));
  EXPECT_EQ(callers[2].generation, 1U);
  EXPECT_EQ(callers[2].first_used, 1700000005);
  EXPECT_EQ(callers[2].last_used, 1700000010);
  EXPECT_EQ(callers[2].uses, 6);
  EXPECT_TRUE(usage_->Callers(SampleId(9)).value().empty());
}

TEST_F(UsageRepositoryTest, CallersBeyondTheLimitAreCountedTogetherAndNoUseIsLost) {
  // A caller without a unit that has a row of its own.
  ASSERT_TRUE(usage_->Add(Increment({{1, {1000, ""}, 0, 1700000000, 1}})));
  for (std::uint32_t caller = 1; caller < 200; ++caller) {
    ASSERT_TRUE(usage_->Add(Increment({UseBy(caller)})));
    EXPECT_LE(Callers().size(), static_cast<std::size_t>(kMaxCallersPerGeneration) + 1);
  }
  const std::vector<CallerUse> callers = Callers();
  ASSERT_EQ(callers.size(), static_cast<std::size_t>(kMaxCallersPerGeneration) + 1);
  std::int64_t uses = 0;
  for (const CallerUse& use : callers) uses += use.uses;
  EXPECT_EQ(uses, 200);
  // The first that found no room stands for all of them, and is the last that was used.
  EXPECT_EQ(callers[0].caller, (Caller{1000 + kMaxCallersPerGeneration, ""}));
  EXPECT_EQ(callers[0].uses, 200 - kMaxCallersPerGeneration);
  EXPECT_EQ(callers[0].last_used, 1700000199);
  EXPECT_EQ(callers.back().caller, (Caller{1000, ""}));
  EXPECT_EQ(callers.back().uses, 1);
  // Those that have a row keep it.
  ASSERT_TRUE(usage_->Add(Increment({UseBy(3)})));
  const auto third = Callers();
  EXPECT_TRUE(std::any_of(third.begin(), third.end(), [](const CallerUse& use) {
    return use.caller == Caller{1003, "unit3"} && use.uses == 2;
  }));
}

TEST_F(UsageRepositoryTest, AFullGenerationLeavesRoomForTheNext) {
  for (std::uint32_t caller = 0; caller < 100; ++caller) ASSERT_TRUE(usage_->Add(Increment({UseBy(caller)})));
  ASSERT_TRUE(usage_->Add(Increment({UseBy(150, 2)})));
  const std::vector<CallerUse> callers = Callers();
  ASSERT_EQ(callers.size(), static_cast<std::size_t>(kMaxCallersPerGeneration) + 2);
  EXPECT_EQ(callers[0].generation, 2U);
  EXPECT_EQ(callers[0].caller, (Caller{1150, "unit150"}));
}

TEST_F(UsageRepositoryTest, ForgetsTheCallersOfOldGenerations) {
  for (std::uint32_t generation = 1; generation <= 10; ++generation) {
    ASSERT_TRUE(usage_->Add(Increment({UseBy(generation, generation)})));
  }
  const std::vector<CallerUse> callers = Callers();
  ASSERT_EQ(callers.size(), static_cast<std::size_t>(kGenerationsWithCallers));
  EXPECT_EQ(callers.back().generation, 10U - kGenerationsWithCallers + 1);
  EXPECT_EQ(Stored().uses, 10);
}

TEST_F(UsageRepositoryTest, AUnitThatIsTooLongIsCountedAsNone) {
  ASSERT_TRUE(usage_->Add(Increment({{1, {33, std::string(kMaxUnitBytes + 1, 'u')}, 0, 1700000000, 1},
                                     {1, {33, std::string(kMaxUnitBytes, 'u')}, 0, 1700000001, 1}})));
  const std::vector<CallerUse> callers = Callers();
  ASSERT_EQ(callers.size(), 2U);
  EXPECT_EQ(callers[0].caller.unit.size(), kMaxUnitBytes);
  EXPECT_EQ(callers[1].caller, (Caller{33, ""}));
}

TEST_F(UsageRepositoryTest, KeepsTheScopesThatWereAskedForAndWhenLast) {
  UsageIncrement increment;
  increment.id = SampleId(1);
  increment.asked = {{"write:b", 1700000010}, {"read:a", 1700000020}};
  ASSERT_TRUE(usage_->Add(increment));
  increment.asked = {{"read:a", 1700000015}, {"write:b", 1700000030}};
  ASSERT_TRUE(usage_->Add(increment));
  const std::vector<AskedScope> asked = usage_->AskedScopes(SampleId(1)).value();
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[0].scope, "read:a");
  EXPECT_EQ(asked[0].last_asked, 1700000020);
  EXPECT_EQ(asked[1].scope, "write:b");
  EXPECT_EQ(asked[1].last_asked, 1700000030);
  EXPECT_TRUE(usage_->AskedScopes(SampleId(9)).value().empty());
}

TEST_F(UsageRepositoryTest, KeepsNoMoreScopesThanACatalogueCanHave) {
  UsageIncrement increment;
  increment.id = SampleId(1);
  for (int scope = 0; scope < kMaxAskedScopesPerKey + 10; ++scope) {
    increment.asked.push_back({"read:s" + std::to_string(scope), 1700000000});
  }
  ASSERT_TRUE(database_->Execute("BEGIN"));
  ASSERT_TRUE(usage_->Add(increment));
  // One that is kept already is renewed all the same.
  increment.asked = {{"read:s0", 1700000001}};
  ASSERT_TRUE(usage_->Add(increment));
  ASSERT_TRUE(database_->Execute("COMMIT"));
  const std::vector<AskedScope> asked = usage_->AskedScopes(SampleId(1)).value();
  EXPECT_EQ(asked.size(), static_cast<std::size_t>(kMaxAskedScopesPerKey));
  EXPECT_EQ(asked[0].last_asked, 1700000001);
}

TEST_F(UsageRepositoryTest, NotesTheLastEndedSecretThatWasPresented) {
  ASSERT_TRUE(usage_->NoteEndedSecret(SampleId(1), 1, 1700000010));
  EXPECT_EQ(Stored().ended_secret_presented, 1700000010);
  EXPECT_EQ(Stored().ended_generation, 1U);
  EXPECT_EQ(Stored().uses, 0);
  EXPECT_EQ(Stored().last_used, 0);
  ASSERT_TRUE(usage_->NoteEndedSecret(SampleId(1), 2, 1700000030));
  ASSERT_TRUE(usage_->NoteEndedSecret(SampleId(1), 1, 1700000020));
  EXPECT_EQ(Stored().ended_secret_presented, 1700000030);
  EXPECT_EQ(Stored().ended_generation, 2U);
  ASSERT_TRUE(usage_->Add(Increment({UseBy(1)})));
  EXPECT_EQ(Stored().ended_secret_presented, 1700000030);
  EXPECT_EQ(Stored().uses, 1);
}

}  // namespace
}  // namespace claviger::store
