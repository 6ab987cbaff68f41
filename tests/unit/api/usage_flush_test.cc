#include "daemon/api/usage_flush.h"

#include <gtest/gtest.h>
#include <sqlcipher/sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tests/unit/store/sample.h"

namespace claviger::api {
namespace {

using store::RunAndWait;
using store::Tables;
using store::WorkKind;

constexpr std::uint32_t kKeys = static_cast<std::uint32_t>(2 * UsageFlush::kPerStep + 7);

// Ids fall as rows rise.
keys::KeyId IdOfRow(std::uint32_t row) { return store::SampleId(kKeys - row); }

std::vector<store::UsageIncrement> OneUseEach(std::uint32_t rows) {
  std::vector<store::UsageIncrement> increments;
  for (std::uint32_t row = rows; row-- > 0;) {
    store::UsageIncrement increment;
    increment.id = IdOfRow(row);
    increment.uses.push_back({1, {33, "nginx.service"}, 0, 1700000000, 1});
    increments.push_back(std::move(increment));
  }
  return increments;
}

class UsageFlushTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(store::OpenAndWait(thread_));
    ASSERT_TRUE(RunAndWait(thread_, WorkKind::kWrite, [](Tables& tables) -> Status {
      for (std::uint32_t row = 0; row < kKeys; ++row) {
        if (Status s = tables.keys.Insert(store::SampleRecord(kKeys - row)); !s) return s;
      }
      return Ok();
    }));
  }

  // How many it takes.
  int StepsUntilDone(UsageFlush& flush) {
    for (int steps = 1;; ++steps) {
      bool done = false;
      EXPECT_TRUE(RunAndWait(thread_, WorkKind::kWrite, [&](Tables& tables) -> Status {
        const Result<bool> step = flush.WriteStep(tables);
        if (!step) return step.error();
        done = *step;
        return Ok();
      }));
      flush.StepIsDurable();
      if (done || steps == 100) return steps;
    }
  }

  std::int64_t UsesOf(std::uint32_t row) {
    std::int64_t uses = -1;
    EXPECT_TRUE(RunAndWait(thread_, WorkKind::kRead, [&](Tables& tables) -> Status {
      const auto usage = tables.usage.Find(IdOfRow(row));
      uses = usage && *usage ? (**usage).uses : 0;
      return Ok();
    }));
    return uses;
  }

  const store::TempFolder folder_;
  store::StoreThread thread_{folder_.File("db"), {}};
};

TEST_F(UsageFlushTest, WritesFromOneEndOfTheTableToTheOtherWhateverTheIdsAre) {
  std::vector<std::int64_t> written;  // touched only on the store thread
  ASSERT_TRUE(RunAndWait(thread_, WorkKind::kRead, [&written](Tables& tables) -> Status {
    sqlite3_update_hook(
        tables.database.handle(),
        [](void* rows, int, const char*, const char* table, sqlite3_int64 row) {
          if (std::string_view(table) == "usage")
            static_cast<std::vector<std::int64_t>*>(rows)->push_back(row);
        },
        &written);
    return Ok();
  }));
  UsageFlush flush(OneUseEach(kKeys));
  EXPECT_EQ(flush.size(), kKeys);
  EXPECT_GT(StepsUntilDone(flush), 3);
  EXPECT_EQ(written.size(), kKeys);
  EXPECT_TRUE(std::ranges::is_sorted(written));
  for (const std::uint32_t row : {0U, 1U, kKeys / 2, kKeys - 1}) EXPECT_EQ(UsesOf(row), 1) << row;
}

TEST_F(UsageFlushTest, WritesFewKeysInOneStep) {
  UsageFlush flush(OneUseEach(static_cast<std::uint32_t>(UsageFlush::kPerStep)));
  EXPECT_EQ(StepsUntilDone(flush), 1);
  EXPECT_EQ(UsesOf(5), 1);
}

TEST_F(UsageFlushTest, WritesAStepAgainThatWasUndoneAndNoneTwice) {
  UsageFlush flush(OneUseEach(kKeys));
  int undone = 0;
  for (bool done = false; !done;) {
    // Each step is undone once, then kept.
    for (const bool keep : {false, true}) {
      const Status outcome = RunAndWait(thread_, WorkKind::kWrite, [&](Tables& tables) -> Status {
        const Result<bool> step = flush.WriteStep(tables);
        if (!step) return step.error();
        if (!keep) return Error(ErrorCode::kInternal, "undone");
        done = *step;
        return Ok();
      });
      EXPECT_EQ(outcome.has_value(), keep);
      undone += outcome ? 0 : 1;
      if (outcome) flush.StepIsDurable();
    }
  }
  EXPECT_GE(undone, 3);
  for (std::uint32_t row = 0; row < kKeys; row += 97) EXPECT_EQ(UsesOf(row), 1) << row;
}

TEST_F(UsageFlushTest, LeavesOutKeysThatAreGone) {
  std::vector<store::UsageIncrement> increments = OneUseEach(3);
  increments[1].id = store::SampleId(kKeys + 1);
  UsageFlush flush(std::move(increments));
  EXPECT_EQ(StepsUntilDone(flush), 1);
  EXPECT_EQ(UsesOf(0), 1);
  EXPECT_EQ(UsesOf(2), 1);
  EXPECT_EQ(UsesOf(1), 0);
}

TEST_F(UsageFlushTest, OfNothingIsDoneAtOnce) {
  UsageFlush flush({});
  EXPECT_EQ(StepsUntilDone(flush), 1);
}

}  // namespace
}  // namespace claviger::api
