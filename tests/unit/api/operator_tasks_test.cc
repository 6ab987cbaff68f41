#include "daemon/api/operator_tasks.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <vector>

namespace claviger::api {
namespace {

bool Readable(const OperatorTasks& tasks) {
  pollfd wait{tasks.event_fd(), POLLIN, 0};
  return ::poll(&wait, 1, 0) == 1;
}

TEST(OperatorTasks, RunInTheOrderInWhichTheyWerePosted) {
  OperatorTasks tasks;
  std::vector<int> ran;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(tasks.Post([&ran, i] { ran.push_back(i); }));
  tasks.RunAll();
  EXPECT_EQ(ran, (std::vector<int>{0, 1, 2}));
}

TEST(OperatorTasks, MakeTheDescriptorReadableOnlyWhileTheyWait) {
  OperatorTasks tasks;
  EXPECT_FALSE(Readable(tasks));
  ASSERT_TRUE(tasks.Post([] {}));
  EXPECT_TRUE(Readable(tasks));
  tasks.RunAll();
  EXPECT_FALSE(Readable(tasks));
}

TEST(OperatorTasks, RefuseMoreThanTheLimit) {
  OperatorTasks tasks;
  std::size_t ran = 0;
  for (std::size_t i = 0; i < OperatorTasks::kMaxWaiting; ++i) ASSERT_TRUE(tasks.Post([&ran] { ++ran; }));
  EXPECT_FALSE(tasks.Post([&ran] { ran += 1000; }));
  tasks.RunAll();
  EXPECT_EQ(ran, OperatorTasks::kMaxWaiting);
}

TEST(OperatorTasks, MayPostFurtherTasks) {
  OperatorTasks tasks;
  bool ran = false;
  ASSERT_TRUE(tasks.Post([&] { EXPECT_TRUE(tasks.Post([&ran] { ran = true; })); }));
  tasks.RunAll();
  EXPECT_FALSE(ran);
  EXPECT_TRUE(Readable(tasks));
  tasks.RunAll();
  EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace claviger::api
