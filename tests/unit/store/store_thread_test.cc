#include "daemon/store/store_thread.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlcipher/sqlite3.h>

#include <atomic>
#include <future>
#include <new>
#include <stdexcept>
#include <thread>

#include "tests/unit/store/store_thread_fixture.h"

namespace claviger::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class StoreThreadTest : public StoreThreadFixture {};

TEST_F(StoreThreadTest, AWriteIsThereForLaterReadsAndAfterReopening) {
  {
    const auto thread = Start();
    ASSERT_TRUE(RunAndWait(*thread, WorkKind::kWrite, InsertKey(1)));
    EXPECT_EQ(CountKeys(*thread), 1);
  }
  EXPECT_EQ(CountKeys(*Start()), 1);
}

TEST_F(StoreThreadTest, EverythingThatWaitsIsCommittedTogetherAndAnsweredInOrder) {
  std::atomic<int> commits = 0;
  std::vector<int> order;  // touched only on the store thread until the last answer
  const auto thread = Start();
  ASSERT_TRUE(RunAndWait(*thread, WorkKind::kRead, [&commits](Tables& tables) {
    sqlite3_commit_hook(
        tables.database.handle(),
        [](void* count) { return static_cast<std::atomic<int>*>(count)->fetch_add(1) & 0; }, &commits);
    return Ok();
  }));
  Gate gate(*thread);
  Waiter last;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(thread->Submit(WorkKind::kWrite, InsertKey(static_cast<std::uint32_t>(i)),
                               [&order, &commits, i, done = last.done()](const Status& status) {
                                 EXPECT_TRUE(status);
                                 EXPECT_EQ(commits, 1);
                                 order.push_back(i);
                                 if (i == 99) done(status);
                               }));
  }
  gate.Release();
  ASSERT_TRUE(last.Get());
  ASSERT_EQ(order.size(), 100U);
  EXPECT_TRUE(std::ranges::is_sorted(order));
  EXPECT_EQ(commits, 1);
  EXPECT_EQ(CountKeys(*thread), 100);
}

TEST_F(StoreThreadTest, AFailingWorkIsUndoneAlone) {
  int rolled_back = 0;
  const auto thread = Start({{}, [&rolled_back] { ++rolled_back; }});
  Gate gate(*thread);
  Waiter good, bad, also_good;
  ASSERT_TRUE(thread->Submit(WorkKind::kWrite, InsertKey(1), good.done()));
  ASSERT_TRUE(thread->Submit(
      WorkKind::kWrite,
      [](Tables& tables) -> Status {
        EXPECT_TRUE(tables.keys.Insert(SampleRecord(2)));
        return Error(ErrorCode::kDenied, "no");
      },
      bad.done()));
  ASSERT_TRUE(thread->Submit(WorkKind::kWrite, InsertKey(3), also_good.done()));
  gate.Release();
  EXPECT_TRUE(good.Get());
  EXPECT_EQ(bad.Get().error(), Error(ErrorCode::kDenied, "no"));
  EXPECT_TRUE(also_good.Get());
  EXPECT_EQ(CountKeys(*thread), 2);
  EXPECT_EQ(rolled_back, 1);
}

TEST_F(StoreThreadTest, AFailingFirstWorkIsUndoneAndAnsweredInItsTurn) {
  std::vector<std::string> order;
  int rolled_back = 0;
  const auto thread = Start({[&order](Tables&) {
                               order.push_back("commit");
                               return Ok();
                             },
                             [&rolled_back] { ++rolled_back; }});
  Gate gate(*thread);
  const auto note = [&order](const char* name) {
    return [&order, name](const Status& status) {
      order.push_back(std::string(name) + (status ? " good" : " bad"));
    };
  };
  Waiter last;
  ASSERT_TRUE(thread->Submit(
      WorkKind::kWrite, [](Tables&) { return Ok(); }, note("idle")));
  ASSERT_TRUE(thread->Submit(
      WorkKind::kWrite,
      [](Tables& tables) -> Status {
        EXPECT_TRUE(tables.keys.Insert(SampleRecord(1)));
        return Error(ErrorCode::kDenied, "no");
      },
      note("first")));
  ASSERT_TRUE(thread->Submit(WorkKind::kWrite, InsertKey(2), note("second")));
  ASSERT_TRUE(thread->Submit(WorkKind::kWrite, InsertKey(2), note("third")));
  ASSERT_TRUE(thread->Submit(
      WorkKind::kWrite, [](Tables&) { return Ok(); }, last.done()));
  gate.Release();
  ASSERT_TRUE(last.Get());
  EXPECT_THAT(order, ElementsAre("idle good", "first bad", "commit", "second good", "third bad"));
  EXPECT_EQ(rolled_back, 1);
  EXPECT_EQ(CountKeys(*thread), 1);
}

TEST_F(StoreThreadTest, AFailingWorkThatWroteNothingRollsNothingBack) {
  int rolled_back = 0, before_commit = 0;
  const auto thread = Start({[&before_commit](Tables&) {
                               ++before_commit;
                               return Ok();
                             },
                             [&rolled_back] { ++rolled_back; }});
  const Status refused = RunAndWait(*thread, WorkKind::kWrite,
                                    [](Tables&) -> Status { return Error(ErrorCode::kNotFound, "no"); });
  EXPECT_EQ(refused.error().code(), ErrorCode::kNotFound);
  EXPECT_TRUE(RunAndWait(*thread, WorkKind::kWrite, [](Tables&) { return Ok(); }));
  EXPECT_EQ(rolled_back, 0);
  EXPECT_EQ(before_commit, 0);
}

TEST_F(StoreThreadTest, WhatTheHookWritesIsCommittedWithTheGroup) {
  const auto hook = [](Tables& tables) { return tables.meta.RaiseHighWater(1700000000); };
  ASSERT_TRUE(RunAndWait(*Start({hook, {}}), WorkKind::kWrite, InsertKey(1)));
  const std::unique_ptr<Database> database = OpenSample(path_);
  ASSERT_NE(database, nullptr);
  EXPECT_EQ(QueryInt(*database, "SELECT value FROM meta"), 1700000000);
}

TEST_F(StoreThreadTest, AFailingHookUndoesTheWholeGroup) {
  bool fail = true;
  int rolled_back = 0;
  const auto thread = Start({[&fail](Tables&) -> Status {
                               if (fail) return Error(ErrorCode::kUnavailable, "no token");
                               return Ok();
                             },
                             [&rolled_back] { ++rolled_back; }});
  Gate gate(*thread);
  Waiter first, second;
  ASSERT_TRUE(thread->Submit(WorkKind::kWrite, InsertKey(1), first.done()));
  ASSERT_TRUE(thread->Submit(WorkKind::kWrite, InsertKey(2), second.done()));
  gate.Release();
  EXPECT_EQ(first.Get().error().message(), "no token");
  EXPECT_EQ(second.Get().error().message(), "no token");
  EXPECT_EQ(CountKeys(*thread), 0);
  EXPECT_EQ(rolled_back, 1);
  fail = false;  // the queue orders this before the next work
  EXPECT_TRUE(RunAndWait(*thread, WorkKind::kWrite, InsertKey(1)));
}

TEST_F(StoreThreadTest, ExceptionsBecomeErrorsAndUndoTheirWork) {
  const auto thread = Start();
  const Status memory = RunAndWait(*thread, WorkKind::kWrite, [](Tables& tables) -> Status {
    EXPECT_TRUE(tables.keys.Insert(SampleRecord(1)));
    throw std::bad_alloc();
  });
  EXPECT_EQ(memory.error().code(), ErrorCode::kInternal);
  const Status read =
      RunAndWait(*thread, WorkKind::kRead, [](Tables&) -> Status { throw std::runtime_error("odd"); });
  EXPECT_THAT(read.error().message(), HasSubstr("odd"));
  const Status other = RunAndWait(*thread, WorkKind::kRead, [](Tables&) -> Status { throw 1; });
  EXPECT_EQ(other.error().code(), ErrorCode::kInternal);
  EXPECT_EQ(CountKeys(*thread), 0);
}

TEST_F(StoreThreadTest, AWorkThatEndsTheTransactionItselfFailsItsGroup) {
  const auto thread = Start();
  Gate gate(*thread);
  Waiter first, second;
  ASSERT_TRUE(thread->Submit(WorkKind::kWrite, InsertKey(1), first.done()));
  ASSERT_TRUE(thread->Submit(
      WorkKind::kWrite, [](Tables& tables) { return tables.database.Execute("ROLLBACK"); }, second.done()));
  gate.Release();
  EXPECT_FALSE(first.Get());
  EXPECT_FALSE(second.Get());
  EXPECT_EQ(CountKeys(*thread), 0);
}

TEST_F(StoreThreadTest, AFullQueueRefusesWithoutCallingAnything) {
  const auto thread = Start();
  std::atomic<std::size_t> answered = 0;
  Gate gate(*thread);
  const auto read = [](Tables&) { return Ok(); };
  for (std::size_t i = 0; i < kMaxQueuedWork; ++i) {
    ASSERT_TRUE(thread->Submit(WorkKind::kRead, read, [&answered](const Status&) { ++answered; }));
  }
  bool called = false;
  const Status refused = thread->Submit(
      WorkKind::kRead,
      [&called](Tables&) {
        called = true;
        return Ok();
      },
      [&called](const Status&) { called = true; });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kBusy);
  gate.Release();
  ASSERT_TRUE(CloseAndWait(*thread));  // behind all of them
  EXPECT_EQ(answered, kMaxQueuedWork);
  EXPECT_FALSE(called);
}

TEST_F(StoreThreadTest, WorkBeforeOpenAndAfterCloseIsRefusedUnrun) {
  StoreThread thread(path_, {});
  EXPECT_FALSE(thread.is_open());
  bool ran = false;
  const auto work = [&ran](Tables&) {
    ran = true;
    return Ok();
  };
  EXPECT_EQ(RunAndWait(thread, WorkKind::kRead, work).error().code(), ErrorCode::kUnavailable);
  ASSERT_TRUE(OpenAndWait(thread));
  EXPECT_TRUE(thread.is_open());
  ASSERT_TRUE(CloseAndWait(thread));
  EXPECT_FALSE(thread.is_open());
  EXPECT_EQ(RunAndWait(thread, WorkKind::kWrite, work).error().code(), ErrorCode::kUnavailable);
  EXPECT_FALSE(ran);
  ASSERT_TRUE(CloseAndWait(thread));
  ASSERT_TRUE(OpenAndWait(thread));
  EXPECT_TRUE(RunAndWait(thread, WorkKind::kWrite, InsertKey(1)));
}

TEST_F(StoreThreadTest, ClosingAnnouncesThatWhatWasRememberedIsVoid) {
  int rolled_back = 0;
  const auto thread = Start({{}, [&rolled_back] { ++rolled_back; }});
  ASSERT_TRUE(CloseAndWait(*thread));
  EXPECT_EQ(rolled_back, 1);
}

TEST_F(StoreThreadTest, OpensWithTheRightKeyAfterAWrongOne) {
  ASSERT_TRUE(CloseAndWait(*Start()));
  StoreThread thread(path_, {});
  const Status wrong = OpenAndWait(thread, SampleKey(0x77));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code(), ErrorCode::kCorrupt);
  EXPECT_FALSE(thread.is_open());
  EXPECT_TRUE(OpenAndWait(thread));
}

TEST_F(StoreThreadTest, WhatRunsAtOpeningIsCommittedAndCanRefuseIt) {
  StoreThread thread(path_, {});
  const Status refused = OpenAndWait(thread, SampleKey(), [](Tables& tables) -> Status {
    EXPECT_TRUE(tables.keys.Insert(SampleRecord(1)));
    return Error(ErrorCode::kCorrupt, "older than the anchor");
  });
  EXPECT_EQ(refused.error().message(), "older than the anchor");
  EXPECT_FALSE(thread.is_open());
  ASSERT_TRUE(OpenAndWait(thread, SampleKey(), InsertKey(2)));
  EXPECT_EQ(CountKeys(thread), 1);
  // Open already: nothing runs.
  EXPECT_TRUE(OpenAndWait(thread, SampleKey(0x77), InsertKey(3)));
  EXPECT_EQ(CountKeys(thread), 1);
}

TEST_F(StoreThreadTest, FinishesWhatIsQueuedBeforeItGoesAndAnswersOnce) {
  std::vector<int> answers(1000, 0);
  {
    const auto thread = Start();
    for (std::size_t i = 0; i < answers.size(); ++i) {
      ASSERT_TRUE(thread->Submit(WorkKind::kWrite, InsertKey(static_cast<std::uint32_t>(i)),
                                 [&answers, i](const Status& status) { answers[i] += status ? 1 : 100; }));
    }
  }
  EXPECT_THAT(answers, testing::Each(1));
  EXPECT_EQ(CountKeys(*Start()), 1000);
}

TEST_F(StoreThreadTest, RefusesWhatIsSubmittedWhileItGoes) {
  Status late = Ok();
  Status late_open = Ok();
  {
    const auto thread = Start();
    StoreThread& reference = *thread;
    auto gate = std::make_shared<std::promise<void>>();
    ASSERT_TRUE(thread->Submit(
        WorkKind::kRead, [](Tables&) { return Ok(); },
        [&, gate](const Status&) {
          // Not before the destructor has begun: it refuses from then on.
          while (late || late.error().code() == ErrorCode::kBusy)
            late = reference.Submit(
                WorkKind::kRead, [](Tables&) { return Ok(); }, [](const Status&) {});
          reference.Open(SampleKey(), {}, [&late_open](const Status& status) { late_open = status; });
        }));
  }
  EXPECT_EQ(late.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(late_open.error().code(), ErrorCode::kUnavailable);
}

TEST_F(StoreThreadTest, AnswersAQuestionAfterTheWorkBeforeItOpenOrClosed) {
  const auto thread = Start();
  std::vector<int> order;  // touched only on the store thread until the last answer
  std::promise<void> answered;
  ASSERT_TRUE(thread->Submit(WorkKind::kWrite, InsertKey(1), [&](const Status&) { order.push_back(1); }));
  thread->Ask([&] {
    order.push_back(2);
    answered.set_value();
  });
  answered.get_future().wait();
  EXPECT_THAT(order, ElementsAre(1, 2));
  StoreThread closed(folder_.File("never opened"), {});
  std::promise<void> also;
  closed.Ask([&] { also.set_value(); });
  also.get_future().wait();
}

TEST_F(StoreThreadTest, ManyThreadsSubmitAtOnceAndEveryOneIsAnswered) {
  constexpr int kThreads = 8, kEach = 100;
  const auto thread = Start();
  std::atomic<int> good = 0;
  std::vector<std::thread> submitters;
  for (int t = 0; t < kThreads; ++t) {
    submitters.emplace_back([&thread, &good, t] {
      for (int i = 0; i < kEach; ++i) {
        const auto number = static_cast<std::uint32_t>(t * kEach + i);
        if (RunAndWait(*thread, i % 2 == 0 ? WorkKind::kWrite : WorkKind::kRead,
                       [number, i](Tables& tables) -> Status {
                         if (i % 2 == 0) return tables.keys.Insert(SampleRecord(number));
                         // The write of the same submitter was acknowledged before this read was asked.
                         return tables.keys.Find(SampleId(number - 1)).value()
                                    ? Ok()
                                    : Error(ErrorCode::kInternal, "lost");
                       })) {
          ++good;
        }
        EXPECT_TRUE(thread->is_open());
      }
    });
  }
  for (std::thread& submitter : submitters) submitter.join();
  EXPECT_EQ(good, kThreads * kEach);
  EXPECT_EQ(CountKeys(*thread), kThreads * kEach / 2);
}

}  // namespace
}  // namespace claviger::store
