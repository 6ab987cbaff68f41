#include "daemon/api/usage_ledger.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "tests/unit/api/sample_record.h"

namespace claviger::api {
namespace {

keys::KeyEntryPtr Entry() {
  auto catalogue = keys::Catalogue::Build({});
  return std::make_shared<keys::KeyEntry>(SampleRecord(), *catalogue, std::vector<std::string>{""});
}

TEST(UsageLedger, GivesEachKeyOnceWithAllThatWasNoted) {
  UsageLedger ledger;
  const auto entry = Entry();
  ledger.NoteUse(entry, 1000, kSampleTime);
  ledger.NoteUse(entry, 1001, kSampleTime + 5);
  ledger.NoteDenial(entry);
  const auto taken = ledger.Take();
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].id, SampleRecord().id);
  EXPECT_EQ(taken[0].uses, 2);
  EXPECT_EQ(taken[0].denials, 1);
  EXPECT_EQ(taken[0].last_used, kSampleTime + 5);
  EXPECT_EQ(taken[0].last_uid, 1001U);
  EXPECT_TRUE(ledger.Take().empty());
}

TEST(UsageLedger, KeepsWhatWasNotedOfAnEntryThatIsNoLongerCached) {
  UsageLedger ledger;
  ledger.NoteUse(Entry(), 1000, kSampleTime);
  EXPECT_EQ(ledger.Take().size(), 1U);
}

TEST(UsageLedger, LosesNothingWhenItIsTakenWhileItIsWritten) {
  UsageLedger ledger;
  const auto entry = Entry();
  constexpr int kThreads = 3, kUses = 20000;
  std::atomic<int> running{kThreads};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int use = 0; use < kUses; ++use) ledger.NoteUse(entry, 1, kSampleTime);
      --running;
    });
  }
  std::int64_t uses = 0;
  const auto take = [&] {
    for (const auto& increment : ledger.Take()) uses += increment.uses;
  };
  while (running > 0) take();
  for (auto& thread : threads) thread.join();
  take();
  EXPECT_EQ(uses, std::int64_t{kThreads} * kUses);
}

}  // namespace
}  // namespace claviger::api
