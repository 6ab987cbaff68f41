// What a group does with its works: reads first, and writes that can be run again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/store/store_thread_fixture.h"

namespace claviger::store {
namespace {

using testing::ElementsAre;

class RepeatableWorkTest : public StoreThreadFixture {};

TEST_F(RepeatableWorkTest, ReadsThatWaitAreAnsweredBeforeTheWritesOfTheirGroup) {
  bool committed = false;
  std::vector<std::string> order;
  const auto thread = Start({[&committed](Tables&) {
                               committed = true;
                               return Ok();
                             },
                             {}});
  Gate gate(*thread);
  const auto note = [&](const char* name) {
    return [&order, &committed, name](const Status&) {
      order.push_back(std::string(name) + (committed ? " after" : " before"));
    };
  };
  std::int64_t seen = -1;
  const auto read = [](Tables&) { return Ok(); };
  const auto count = [&seen](Tables& tables) -> Status {
    seen = tables.keys.Count().value();
    return Ok();
  };
  Waiter last;
  ASSERT_TRUE(thread->Submit(WorkKind::kRead, read, note("first read")));
  ASSERT_TRUE(thread->Submit(WorkKind::kWrite, InsertKey(1), note("write")));
  ASSERT_TRUE(thread->Submit(WorkKind::kRead, count, note("second read")));
  ASSERT_TRUE(thread->Submit(WorkKind::kWrite, InsertKey(2), last.done()));
  gate.Release();
  ASSERT_TRUE(last.Get());
  EXPECT_THAT(order, ElementsAre("first read before", "second read before", "write after"));
  EXPECT_EQ(seen, 0);
}

TEST_F(RepeatableWorkTest, WhatIsSubmittedAfterTheStopIsRefused) {
  const auto thread = Start();
  Waiter written;
  ASSERT_TRUE(thread->Submit(WorkKind::kWrite, InsertKey(1), written.done()));
  thread->Stop();
  EXPECT_TRUE(written.Get());
  bool called = false;
  const auto note = [&called](const Status&) { called = true; };
  EXPECT_EQ(thread->Submit(WorkKind::kWrite, InsertKey(2), note).error().code(), ErrorCode::kUnavailable);
  EXPECT_FALSE(called);
}

// A work that can be run again: how often it was.
StoreThread::Work Counted(int& runs, StoreThread::Work work) {
  return [&runs, work = std::move(work)](Tables& tables) {
    ++runs;
    return work(tables);
  };
}

StoreThread::Work InsertAndFail(std::uint32_t number) {
  return [number](Tables& tables) -> Status {
    EXPECT_TRUE(tables.keys.Insert(SampleRecord(number)));
    return Error(ErrorCode::kDenied, "no");
  };
}

TEST_F(RepeatableWorkTest, AFailingRepeatableWriteUndoesOnlyItself) {
  const auto thread = Start();
  Gate gate(*thread);
  Waiter first, bad, last;
  int first_runs = 0, bad_runs = 0, last_runs = 0;
  const auto submit = [&](int& runs, StoreThread::Work work, Waiter& waiter) {
    ASSERT_TRUE(thread->Submit(WorkKind::kRepeatable, Counted(runs, std::move(work)), waiter.done()));
  };
  submit(first_runs, InsertKey(1), first);
  submit(bad_runs, InsertAndFail(2), bad);
  submit(last_runs, InsertKey(3), last);
  gate.Release();
  EXPECT_TRUE(first.Get());
  EXPECT_EQ(bad.Get().error(), Error(ErrorCode::kDenied, "no"));
  EXPECT_TRUE(last.Get());
  EXPECT_EQ(CountKeys(*thread), 2);
  EXPECT_EQ(first_runs, 2);
  EXPECT_EQ(bad_runs, 2);
  EXPECT_EQ(last_runs, 1);
}

TEST_F(RepeatableWorkTest, ARepeatableWriteThatFailsBeforeItWritesCostsTheOthersNothing) {
  int rolled_back = 0;
  const auto thread = Start({{}, [&rolled_back] { ++rolled_back; }});
  Gate gate(*thread);
  Waiter first, bad;
  int runs = 0;
  ASSERT_TRUE(thread->Submit(WorkKind::kRepeatable, Counted(runs, InsertKey(1)), first.done()));
  ASSERT_TRUE(thread->Submit(
      WorkKind::kRepeatable, [](Tables&) -> Status { return Error(ErrorCode::kDenied, "no"); }, bad.done()));
  gate.Release();
  EXPECT_TRUE(first.Get());
  EXPECT_FALSE(bad.Get());
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(rolled_back, 0);
}

TEST_F(RepeatableWorkTest, WhatIsNotRepeatableIsNeverRunTwice) {
  const auto thread = Start();
  for (const bool repeatable_first : {false, true}) {
    const std::uint32_t base = repeatable_first ? 20 : 10;
    Gate gate(*thread);
    Waiter before, once, bad, last;
    int runs = 0;
    if (repeatable_first) {
      ASSERT_TRUE(thread->Submit(WorkKind::kRepeatable, InsertKey(base), before.done()));
    }
    ASSERT_TRUE(thread->Submit(WorkKind::kWrite, Counted(runs, InsertKey(base + 1)), once.done()));
    ASSERT_TRUE(thread->Submit(WorkKind::kRepeatable, InsertAndFail(base + 2), bad.done()));
    ASSERT_TRUE(thread->Submit(WorkKind::kRepeatable, InsertKey(base + 3), last.done()));
    gate.Release();
    EXPECT_TRUE(once.Get());
    EXPECT_FALSE(bad.Get());
    EXPECT_TRUE(last.Get());
    EXPECT_EQ(runs, 1);
  }
  EXPECT_EQ(CountKeys(*thread), 5);
}

TEST_F(RepeatableWorkTest, NorIsItIfItHasWrittenNothing) {
  const auto thread = Start();
  Gate gate(*thread);
  Waiter idle, first, bad;
  int runs = 0;
  ASSERT_TRUE(thread->Submit(WorkKind::kWrite, Counted(runs, [](Tables&) { return Ok(); }), idle.done()));
  ASSERT_TRUE(thread->Submit(WorkKind::kRepeatable, InsertKey(1), first.done()));
  ASSERT_TRUE(thread->Submit(WorkKind::kRepeatable, InsertAndFail(2), bad.done()));
  gate.Release();
  EXPECT_TRUE(idle.Get());
  EXPECT_TRUE(first.Get());
  EXPECT_FALSE(bad.Get());
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(CountKeys(*thread), 1);
}

TEST_F(RepeatableWorkTest, TheHooksSeeWhatIsRunAgainAsUndoneFirst) {
  std::vector<std::string> events;
  StoreThread::Hooks hooks;
  hooks.rolled_back = [&events] { events.push_back("rolled back"); };
  hooks.work_ended = [&events](bool kept) { events.push_back(kept ? "kept" : "undone"); };
  hooks.transaction_ended = [&events](bool durable) { events.push_back(durable ? "durable" : "void"); };
  const auto thread = Start(std::move(hooks));
  events.clear();
  Gate gate(*thread);
  Waiter first, last;
  ASSERT_TRUE(thread->Submit(WorkKind::kRepeatable, InsertKey(1), first.done()));
  ASSERT_TRUE(thread->Submit(WorkKind::kRepeatable, InsertAndFail(2), last.done()));
  gate.Release();
  ASSERT_FALSE(last.Get());
  ASSERT_TRUE(first.Get());
  EXPECT_THAT(events, ElementsAre("kept", "rolled back", "undone", "void",  // and again, each in a savepoint
                                  "kept", "rolled back", "undone", "durable"));
}

TEST_F(RepeatableWorkTest, TheNumberOfKeysIsThatOfTheTableWhateverIsUndone) {
  {
    const auto thread = Start();
    Gate gate(*thread);
    Waiter last;
    const auto ignore = [](const Status&) {};
    ASSERT_TRUE(thread->Submit(WorkKind::kRepeatable, InsertKey(1), ignore));
    ASSERT_TRUE(thread->Submit(WorkKind::kRepeatable, InsertAndFail(2), ignore));
    ASSERT_TRUE(thread->Submit(WorkKind::kWrite, InsertAndFail(3), ignore));
    ASSERT_TRUE(thread->Submit(WorkKind::kWrite, InsertKey(4), ignore));
    ASSERT_TRUE(thread->Submit(
        WorkKind::kWrite, [](Tables& tables) { return tables.keys.Remove(SampleId(1)); }, last.done()));
    gate.Release();
    ASSERT_TRUE(last.Get());
    EXPECT_EQ(CountKeys(*thread), 1);
    EXPECT_FALSE(RunAndWait(*thread, WorkKind::kWrite, InsertKey(4)));  // it exists
    EXPECT_EQ(CountKeys(*thread), 1);
  }
  EXPECT_EQ(CountKeys(*Start()), 1);
  const std::unique_ptr<Database> database = OpenSample(path_);
  ASSERT_NE(database, nullptr);
  EXPECT_EQ(QueryInt(*database, "SELECT count(*) FROM key"), 1);
}

}  // namespace
}  // namespace claviger::store
