#include "daemon/api/step_gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace claviger::api {
namespace {

TEST(StepGate, LetsFewInAndTheRestInTurn) {
  StepGate gate;
  std::vector<int> begun;
  for (int step = 0; step < 5; ++step) {
    EXPECT_TRUE(gate.Enter([&begun, step] {
      begun.push_back(step);
      return true;
    }));
  }
  EXPECT_EQ(begun, (std::vector<int>{0, 1}));
  gate.Leave();
  EXPECT_EQ(begun, (std::vector<int>{0, 1, 2}));
  for (int i = 0; i < 4; ++i) gate.Leave();
  EXPECT_EQ(begun, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(StepGate, LetsInAsManyAgainOnceAllHaveLeft) {
  StepGate gate;
  int begun = 0;
  const auto step = [&begun] {
    ++begun;
    return true;
  };
  for (int round = 1; round <= 3; ++round) {
    for (std::size_t i = 0; i < StepGate::kAtOnce; ++i) EXPECT_TRUE(gate.Enter(step));
    EXPECT_EQ(begun, round * static_cast<int>(StepGate::kAtOnce));
    for (std::size_t i = 0; i < StepGate::kAtOnce; ++i) gate.Leave();
  }
}

TEST(StepGate, AStepThatCouldNotBeQueuedHoldsNoPlace) {
  StepGate gate;
  int tried = 0;
  const auto failing = [&tried] {
    ++tried;
    return false;
  };
  for (std::size_t i = 0; i < StepGate::kAtOnce; ++i) EXPECT_TRUE(gate.Enter([] { return true; }));
  constexpr int kMany = 4000;  // no recursion: all of them fail in one Leave
  for (int i = 0; i < kMany; ++i) EXPECT_TRUE(gate.Enter(failing));
  EXPECT_EQ(tried, 0);
  gate.Leave();
  EXPECT_EQ(tried, kMany);
  EXPECT_TRUE(gate.Enter(failing));
  EXPECT_EQ(tried, kMany + 1);
}

TEST(StepGate, DropsWhatWouldMakeTheQueueTooLong) {
  StepGate gate;
  std::size_t begun = 0;
  const auto step = [&begun] {
    ++begun;
    return true;
  };
  for (std::size_t i = 0; i < StepGate::kAtOnce + StepGate::kMaxWaiting; ++i) ASSERT_TRUE(gate.Enter(step));
  EXPECT_FALSE(gate.Enter(step));
  EXPECT_EQ(begun, StepGate::kAtOnce);
  gate.Leave();
  EXPECT_TRUE(gate.Enter(step));
}

TEST(StepGate, IsSharedByThreads) {
  StepGate gate;
  std::atomic<std::size_t> inside{0}, most{0}, done{0};
  const auto step = [&] {
    const std::size_t now = inside.fetch_add(1) + 1;
    std::size_t seen = most.load();
    while (seen < now && !most.compare_exchange_weak(seen, now)) {
    }
    return true;
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 500; ++round) EXPECT_TRUE(gate.Enter(step));
    });
  }
  std::thread leaver([&] {
    while (done.load() < 2000) {
      if (inside.load() == 0) continue;
      inside.fetch_sub(1);
      done.fetch_add(1);
      gate.Leave();
    }
  });
  for (std::thread& thread : threads) thread.join();
  leaver.join();
  EXPECT_EQ(inside.load(), 0U);
  EXPECT_LE(most.load(), StepGate::kAtOnce);
}

}  // namespace
}  // namespace claviger::api
