#include "daemon/api/usage_ledger.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <span>
#include <thread>
#include <vector>

#include "tests/unit/api/sample_record.h"

namespace claviger::api {
namespace {

using keys::VerdictCode;

keys::KeyId NumberedId(std::uint32_t number) {
  keys::KeyId id;
  for (std::size_t i = 0; i < 4; ++i) id.bytes[8 + i] = static_cast<std::uint8_t>(number >> (8 * i));
  return id;
}

void NoteIn(UsageLedger& ledger, const keys::KeyId& id, std::uint32_t generation, VerdictCode code,
            const CallerPtr& caller, UnixSeconds now) {
  const UsageNote note{id, generation, code};
  ledger.Note(std::span(&note, 1), caller, now);
}

std::int64_t UsesOf(const UsageByKey& increments) {
  std::int64_t uses = 0;
  for (const auto& [id, increment] : increments) {
    for (const store::CallerUse& use : increment.uses) uses += use.uses;
  }
  return uses;
}

TEST(UsageLedger, KeepsUsesApartByGenerationAndCaller) {
  UsageLedger ledger;
  Callers callers;
  const keys::KeyId id = SampleRecord().id;
  const CallerPtr nginx = callers.Of(33, "nginx.service"), shell = callers.Of(1000, "");
  NoteIn(ledger, id, 1, VerdictCode::kValid, nginx, kSampleTime);
  NoteIn(ledger, id, 2, VerdictCode::kValid, nginx, kSampleTime + 1);
  NoteIn(ledger, id, 2, VerdictCode::kValid, nginx, kSampleTime + 2);
  NoteIn(ledger, id, 2, VerdictCode::kValid, shell, kSampleTime + 3);
  UsageByKey taken;
  std::vector<Denial> denials;
  ledger.TakeInto(taken, denials);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[id].id, id);
  EXPECT_EQ(taken[id].denials, 0);
  std::map<std::pair<std::uint32_t, store::Caller>, std::pair<std::int64_t, UnixSeconds>> uses;
  for (const store::CallerUse& use : taken[id].uses) {
    uses[{use.generation, use.caller}] = {use.uses, use.last_used};
  }
  const decltype(uses) expected = {{{1, {33, "nginx.service"}}, {1, kSampleTime}},
                                   {{2, {33, "nginx.service"}}, {2, kSampleTime + 2}},
                                   {{2, {1000, ""}}, {1, kSampleTime + 3}}};
  EXPECT_EQ(uses, expected);
  UsageByKey again;
  ledger.TakeInto(again, denials);
  EXPECT_TRUE(again.empty());
}

TEST(UsageLedger, CountsDenialsAndTellsTheLastOne) {
  UsageLedger ledger;
  Callers callers;
  const keys::KeyId id = SampleRecord().id;
  NoteIn(ledger, id, 1, VerdictCode::kExpired, callers.Of(1, ""), kSampleTime);
  NoteIn(ledger, id, 1, VerdictCode::kInsufficientScope, callers.Of(2, ""), kSampleTime + 9);
  NoteIn(ledger, id, 1, VerdictCode::kInsufficientScope, callers.Of(2, ""), kSampleTime + 4);
  UsageByKey taken;
  std::vector<Denial> denials;
  ledger.TakeInto(taken, denials);
  EXPECT_EQ(taken[id].denials, 3);
  EXPECT_EQ(taken[id].last_denied, kSampleTime + 9);
  EXPECT_EQ(taken[id].last_denied_uid, 2U);
  EXPECT_EQ(taken[id].last_denial, VerdictCode::kInsufficientScope);
  EXPECT_TRUE(taken[id].uses.empty());
}

TEST(UsageLedger, GrowsWithTheKindsThatItHolds) {
  UsageLedger ledger;
  Callers callers;
  const CallerPtr caller = callers.Of(1, "");
  constexpr std::uint32_t kKeys = 30000;
  for (std::uint32_t i = 0; i < kKeys; ++i) {
    NoteIn(ledger, NumberedId(i), 1, VerdictCode::kValid, caller, kSampleTime);
  }
  UsageByKey taken;
  std::vector<Denial> denials;
  ledger.TakeInto(taken, denials);
  EXPECT_EQ(taken.size(), kKeys);
  EXPECT_EQ(UsesOf(taken), kKeys);
}

TEST(UsageLedger, CountsEachKindForItselfWhereManyAreInEachOthersWay) {
  UsageLedger ledger;
  Callers callers;
  const CallerPtr caller = callers.Of(1, "");
  constexpr std::uint32_t kKeys = 40000;
  const auto generation_of = [](std::uint32_t i) { return 1 + i % 2; };
  for (std::uint32_t round = 0; round < 3; ++round) {
    for (std::uint32_t i = round; i < kKeys; i += round + 1) {
      NoteIn(ledger, NumberedId(i * 2654435761U), generation_of(i), VerdictCode::kValid, caller, kSampleTime);
    }
  }
  UsageByKey taken;
  std::vector<Denial> denials;
  ledger.TakeInto(taken, denials);
  ASSERT_EQ(taken.size(), kKeys);
  for (std::uint32_t i = 0; i < kKeys; ++i) {
    const auto& uses = taken[NumberedId(i * 2654435761U)].uses;
    ASSERT_EQ(uses.size(), 1U) << i;
    EXPECT_EQ(uses[0].generation, generation_of(i)) << i;
    EXPECT_EQ(uses[0].uses, 1 + (i % 2 == 1 ? 1 : 0) + (i % 3 == 2 ? 1 : 0)) << i;
  }
}

TEST(UsageLedger, NotesTogetherWhatIsAnsweredTogether) {
  UsageLedger ledger;
  Callers callers;
  const CallerPtr caller = callers.Of(1, "");
  std::vector<UsageNote> notes;
  for (std::uint32_t i = 0; i < 5000; ++i) notes.push_back({NumberedId(i % 1000), 1, VerdictCode::kValid});
  ledger.Note(notes, caller, kSampleTime);
  for (int round = 0; round < 2; ++round) {
    UsageByKey taken;
    std::vector<Denial> denials;
    ledger.TakeInto(taken, denials);
    ASSERT_EQ(taken.size(), 1000U) << "also in what is used again after it was taken";
    EXPECT_EQ(UsesOf(taken), 5000);
    ledger.Note(notes, caller, kSampleTime);
  }
}

TEST(UsageLedger, HoldsNoMoreThanItsLimitWhileNobodyTakes) {
  UsageLedger ledger;
  Callers callers;
  const CallerPtr caller = callers.Of(1, "");
  for (std::uint32_t i = 0; i < UsageLedger::kMaxHeld + 5000; ++i) {
    NoteIn(ledger, NumberedId(i), 1, VerdictCode::kValid, caller, kSampleTime);
    ledger.NoteAsked(NumberedId(i), "read:policies:admin", kSampleTime);
  }
  UsageByKey taken;
  std::vector<Denial> denials;
  ledger.TakeInto(taken, denials);
  EXPECT_EQ(UsesOf(taken), static_cast<std::int64_t>(UsageLedger::kMaxHeld));
  std::size_t asked = 0;
  for (const auto& [id, increment] : taken) asked += increment.asked.size();
  EXPECT_EQ(asked, UsageLedger::kMaxHeld);
}

TEST(UsageLedger, LosesNothingWhenItIsTakenWhileItIsWritten) {
  UsageLedger ledger;
  Callers callers;
  const CallerPtr caller = callers.Of(1, "");
  constexpr int kThreads = 3, kUses = 20000;
  std::atomic<int> running{kThreads};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int use = 0; use < kUses; ++use) {
        NoteIn(ledger, SampleRecord().id, 1, VerdictCode::kValid, caller, kSampleTime);
      }
      --running;
    });
  }
  UsageByKey taken;
  std::vector<Denial> denials;
  while (running > 0) ledger.TakeInto(taken, denials);
  for (auto& thread : threads) thread.join();
  ledger.TakeInto(taken, denials);
  EXPECT_EQ(UsesOf(taken), std::int64_t{kThreads} * kUses);
}

TEST(Callers, AreTheSameObjectForTheSameUidAndUnit) {
  Callers callers;
  const CallerPtr one = callers.Of(33, "nginx.service");
  EXPECT_EQ(one, callers.Of(33, "nginx.service"));
  EXPECT_NE(one, callers.Of(33, "caddy.service"));
  EXPECT_NE(one, callers.Of(34, "nginx.service"));
}

}  // namespace
}  // namespace claviger::api
