#include "daemon/watchdog.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "base/mutex.h"

namespace claviger {
namespace {

using std::chrono::milliseconds;

// Answers at once unless it is stuck; then when it is loosened.
class Part {
 public:
  VitalPart Watched() {
    return {"the part", [this](std::function<void()> answer) {
              const MutexLock lock(mutex_);
              held_ = std::move(answer);
              if (!stuck_) std::exchange(held_, {})();
              return true;
            }};
  }
  void Stick() EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    stuck_ = true;
  }
  void Loosen() EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    stuck_ = false;
    if (held_) std::exchange(held_, {})();
  }

 private:
  Mutex mutex_;
  bool stuck_ GUARDED_BY(mutex_) = false;
  std::function<void()> held_ GUARDED_BY(mutex_);
};

class WatchdogTest : public testing::Test {
 protected:
  void Start(milliseconds interval) {
    auto started = Watchdog::Start(interval, {part_.Watched()},
                                   {[this] { ++pings_; },
                                    [this](const std::string& parts) {
                                      EXPECT_EQ(parts, "the part");
                                      ++complaints_;
                                    }});
    ASSERT_TRUE(started) << started.error().message();
    watchdog_ = std::move(*started);
  }
  // Until `count` more pings have come; the test's own time limit ends a wait that is in vain.
  void AwaitPings(int count) {
    for (const int wanted = pings_ + count; pings_ < wanted;) std::this_thread::sleep_for(milliseconds(1));
  }

  Part part_;
  std::atomic<int> pings_{0};
  std::atomic<int> complaints_{0};
  std::unique_ptr<Watchdog> watchdog_;
};

TEST_F(WatchdogTest, PingsSeveralTimesAnIntervalWhileAllIsAlive) {
  const SteadyTime start = SteadyNow();
  Start(milliseconds(200));
  AwaitPings(8);
  EXPECT_GE(SteadyNow() - start, milliseconds(7 * 200 / Watchdog::kChecksPerInterval));
  EXPECT_EQ(complaints_, 0);
}

TEST_F(WatchdogTest, IsSilentWhileAPartIsStuckAndComplainsOnce) {
  Start(milliseconds(40));
  AwaitPings(2);
  part_.Stick();
  while (complaints_ == 0) std::this_thread::sleep_for(milliseconds(1));
  const int before = pings_;
  std::this_thread::sleep_for(milliseconds(200));
  EXPECT_EQ(pings_, before);
  EXPECT_EQ(complaints_, 1);
  part_.Loosen();
  AwaitPings(2);
}

TEST_F(WatchdogTest, EndsAtOnceHoweverLongItsInterval) {
  Start(std::chrono::hours(1));
  // The first comes at once, maybe before anyone could wait for one more.
  while (pings_ == 0) std::this_thread::sleep_for(milliseconds(1));
  watchdog_.reset();
}

TEST(WatchdogInterval, IsThatOfTheEnvironmentIfItIsMeantForThisProcess) {
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  ::unsetenv("WATCHDOG_PID");
  EXPECT_EQ(Watchdog::IntervalOfService(), std::chrono::seconds(30));
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  EXPECT_EQ(Watchdog::IntervalOfService(), std::chrono::seconds(30));
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(Watchdog::IntervalOfService(), std::nullopt);
  ::unsetenv("WATCHDOG_PID");
  for (const char* wrong : {"", "0", "soon"}) {
    ::setenv("WATCHDOG_USEC", wrong, 1);
    EXPECT_EQ(Watchdog::IntervalOfService(), std::nullopt) << wrong;
  }
  ::unsetenv("WATCHDOG_USEC");
  EXPECT_EQ(Watchdog::IntervalOfService(), std::nullopt);
}

}  // namespace
}  // namespace claviger
