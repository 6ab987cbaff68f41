#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>
#include <vector>

#include "daemon/store/store_thread.h"
#include "tests/unit/store/store_thread_fixture.h"

namespace claviger::store {
namespace {

using testing::ElementsAre;

class UnhurriedWorkTest : public StoreThreadFixture {};

TEST_F(UnhurriedWorkTest, IsFollowedByThatOfOthersForThreeTimesAsLongAsItTook) {
  const auto thread = Start();
  StoreThread& reference = *thread;
  std::vector<int> order;  // touched only on the store thread until the last answer
  Waiter last;
  const auto note = [&order](int number) {
    return [&order, number](const Status&) { order.push_back(number); };
  };
  const auto slow = [](Tables& tables) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    return InsertKey(1)(tables);
  };
  ASSERT_TRUE(thread->SubmitUnhurried(WorkKind::kWrite, slow, [&](const Status& status) {
    EXPECT_TRUE(status);
    order.push_back(1);
    EXPECT_TRUE(reference.SubmitUnhurried(
        WorkKind::kRead, [](Tables&) { return Ok(); },
        [&order, done = last.done()](const Status& behind) {
          order.push_back(4);
          done(behind);
        }));
    EXPECT_TRUE(reference.Submit(WorkKind::kWrite, InsertKey(2), note(2)));
    EXPECT_TRUE(reference.Submit(WorkKind::kWrite, InsertKey(3), note(3)));
  }));
  ASSERT_TRUE(last.Get());
  EXPECT_THAT(order, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(CountKeys(*thread), 3);
}

TEST_F(UnhurriedWorkTest, IsFinishedBeforeTheThreadGoesAndRefusedThen) {
  std::vector<int> answers(20, 0);
  Status late = Ok();
  {
    const auto thread = Start();
    StoreThread& reference = *thread;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      ASSERT_TRUE(
          thread->SubmitUnhurried(WorkKind::kWrite, InsertKey(static_cast<std::uint32_t>(i)),
                                  [&answers, i](const Status& status) { answers[i] += status ? 1 : 100; }));
    }
    ASSERT_TRUE(thread->Submit(
        WorkKind::kRead, [](Tables&) { return Ok(); },
        [&](const Status&) {
          while (late) {  // until the destructor has begun
            late = reference.SubmitUnhurried(
                WorkKind::kRead, [](Tables&) { return Ok(); }, [](const Status&) {});
          }
        }));
  }
  EXPECT_THAT(answers, testing::Each(1));
  EXPECT_EQ(late.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(CountKeys(*Start()), 20);
}

TEST_F(UnhurriedWorkTest, IsRefusedUnrunWhileTheDatabaseIsClosed) {
  StoreThread closed(folder_.File("never opened"), {});
  std::promise<ErrorCode> answered;
  ASSERT_TRUE(closed.SubmitUnhurried(
      WorkKind::kRead,
      [](Tables&) {
        ADD_FAILURE();
        return Ok();
      },
      [&](const Status& status) { answered.set_value(status.error().code()); }));
  EXPECT_EQ(answered.get_future().get(), ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace claviger::store
