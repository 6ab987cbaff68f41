#include "daemon/server/load_watch.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <ctime>
#include <thread>
#include <utility>

#include "base/unique_fd.h"

namespace claviger::server {
namespace {

class LoadWatchTest : public ::testing::Test {
 protected:
  LoadWatchTest() {
    // A clock that never stands still is that of a thread which is always on a processor.
    watch_.Add(0, CLOCK_MONOTONIC, work_, std::make_shared<LoopMailbox>(UniqueFd(::eventfd(0, EFD_CLOEXEC))));
    watch_.Look(SteadyNow());
  }
  ~LoadWatchTest() override { watch_.Remove(0); }

  // True once a whole window has been looked at.
  bool PassWindow(bool awake_in_vain) {
    const SteadyTime begin = SteadyNow();
    std::this_thread::sleep_for(LoadWatch::kWindow);
    const SteadyTime end = SteadyNow();
    if (awake_in_vain) work_.CountWaitingAwake(end - begin);
    watch_.Look(end);
    return end - begin < 2 * LoadWatch::kWindow;
  }

  Census census_{{10, 0, 10}};
  const Admission one_{census_.Admit(1, protocol::Face::kVerify)};
  const Admission other_{census_.Admit(1, protocol::Face::kVerify)};
  LoopWork work_;
  LoadWatch watch_{1, 2, census_};
};

TEST_F(LoadWatchTest, TriesOneLoopMoreWhereTheOneHasNoTimeLeft) {
  for (int i = 0; i < 100 && !PassWindow(false); ++i) {
  }
  EXPECT_EQ(watch_.active(), 2U);
}

TEST_F(LoadWatchTest, TakesALoopThatWaitsAwakeForIdle) {
  for (int i = 0; i < 100 && !PassWindow(true); ++i) {
  }
  EXPECT_EQ(watch_.active(), 1U);
}

}  // namespace
}  // namespace claviger::server
