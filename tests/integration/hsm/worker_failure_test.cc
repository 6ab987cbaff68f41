// A worker that dies, hangs or lies takes nothing along but the calls in flight.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <thread>

#include "tests/integration/hsm/soft_hsm.h"

namespace claviger::hsm {
namespace {

TEST(WorkerFailure, ReplacesAWorkerThatIsKilled) {
  const SoftHsm hsm;
  const auto client = StartBoundClient(hsm);
  for (int round = 0; round < 5; ++round) {
    const auto starts = client->status().worker_starts;
    for (const int id : WorkerIds()) kill(id, SIGKILL);
    ASSERT_TRUE(Eventually([&] { return client->status().worker_starts > starts; }));
    ASSERT_TRUE(Reaches(*client, TokenState::kReady));
    EXPECT_TRUE(MakeMac(*client, TokenPurpose::kVerify, "m"));
  }
}

TEST(WorkerFailure, FailsACallToAStoppedWorkerAndReplacesIt) {
  const SoftHsm hsm;
  { StartBoundClient(hsm); }
  TokenSettings settings = hsm.Settings();
  settings.deadline = std::chrono::milliseconds(150);
  const auto client = StartClient(settings);
  ASSERT_TRUE(Reaches(*client, TokenState::kReady));
  const auto starts = client->status().worker_starts;
  const auto stopped = WorkerIds();
  ASSERT_EQ(stopped.size(), 1u);
  kill(stopped.front(), SIGSTOP);
  const auto mac = MakeMac(*client, TokenPurpose::kVerify, "m");
  ASSERT_FALSE(mac);
  EXPECT_EQ(mac.error().code(), ErrorCode::kUnavailable);
  ASSERT_TRUE(Eventually([&] { return client->status().worker_starts > starts; }));
  ASSERT_TRUE(Reaches(*client, TokenState::kReady));
  EXPECT_TRUE(MakeMac(*client, TokenPurpose::kVerify, "m"));
  EXPECT_EQ(std::ranges::count(WorkerIds(), stopped.front()), 0);
}

TEST(WorkerFailure, NoticesAStoppedWorkerWithoutACall) {
  const SoftHsm hsm;
  { StartBoundClient(hsm); }
  TokenSettings settings = hsm.Settings();
  settings.deadline = std::chrono::milliseconds(150);
  const auto client = StartClient(settings);
  ASSERT_TRUE(Reaches(*client, TokenState::kReady));
  const auto starts = client->status().worker_starts;
  kill(WorkerIds().front(), SIGSTOP);
  EXPECT_TRUE(Eventually([&] { return client->status().worker_starts > starts; }));
  EXPECT_TRUE(Reaches(*client, TokenState::kReady));
}

TEST(WorkerFailure, IgnoresTheSignalsThatAreMeantForTheDaemon) {
  const SoftHsm hsm;
  const auto client = StartBoundClient(hsm);
  const auto starts = client->status().worker_starts;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
    kill(WorkerIds().front(), signal);
    EXPECT_TRUE(MakeMac(*client, TokenPurpose::kVerify, "m"));
  }
  EXPECT_EQ(client->status().worker_starts, starts);
}

TEST(WorkerFailure, AnswersEveryCallExactlyOnceWhileWorkersAreKilled) {
  const SoftHsm hsm;
  const auto client = StartBoundClient(hsm);
  const auto expected = MakeMac(*client, TokenPurpose::kVerify, "m");
  ASSERT_TRUE(expected);
  std::atomic<bool> stop{false};
  std::atomic<int> asked{0}, answered{0}, wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      while (!stop) {
        ++asked;
        client->ComputeAsync({{TokenPurpose::kVerify, Bytes("m")}}, [&](Result<std::vector<Mac>> macs) {
          if (macs && macs->front() != *expected) ++wrong;
          ++answered;
        });
        std::this_thread::sleep_for(std::chrono::microseconds(200));
      }
    });
  }
  for (int round = 0; round < 5; ++round) {
    if (!Reaches(*client, TokenState::kReady)) break;
    for (const int id : WorkerIds()) kill(id, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(Eventually([&] { return answered == asked; }));
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(Reaches(*client, TokenState::kReady));
}

TEST(WorkerFailure, ReportsEachChangeOfStateOnce) {
  const SoftHsm hsm;
  { StartBoundClient(hsm); }
  std::mutex mutex;
  std::vector<TokenState> states;
  const auto client = StartClient(hsm.Settings(), [&](TokenState state) {
    const std::lock_guard lock(mutex);
    states.push_back(state);
  });
  ASSERT_TRUE(Reaches(*client, TokenState::kReady));
  for (const int id : WorkerIds()) kill(id, SIGKILL);
  const std::vector<TokenState> expected = {TokenState::kReady, TokenState::kFailed, TokenState::kReady};
  EXPECT_TRUE(Eventually([&] {
    const std::lock_guard lock(mutex);
    return states == expected;
  }));
}

TEST(WorkerFailure, EndsItsWorkerInOrderWhenTheClientEnds) {
  const SoftHsm hsm;
  { StartBoundClient(hsm); }
  EXPECT_TRUE(WorkerIds().empty());
  const auto client = StartClient(hsm.Settings());
  EXPECT_TRUE(Reaches(*client, TokenState::kReady));
}

TEST(WorkerFailure, EndsQuicklyWhileTheWorkerIsStopped) {
  const SoftHsm hsm;
  {
    const auto client = StartBoundClient(hsm);
    kill(WorkerIds().front(), SIGSTOP);
  }
  EXPECT_TRUE(WorkerIds().empty());
}

// A worker that can be told to misbehave while it serves.
class FakeWorker : public testing::TestWithParam<const char*> {
 protected:
  FakeWorker() { setenv("CLAVIGER_FAKE_WORKER", mode_file_.c_str(), 1); }
  ~FakeWorker() override { unsetenv("CLAVIGER_FAKE_WORKER"); }

  void Tell(const std::string& mode) const { std::ofstream(mode_file_) << mode; }
  TokenSettings Settings() const {
    TokenSettings settings = hsm_.Settings();
    settings.worker_path = CLAVIGER_FAKE_WORKER;
    settings.deadline = std::chrono::milliseconds(500);
    return settings;
  }
  std::unique_ptr<TokenClient> StartServing() const {
    auto client = StartClient(Settings());
    const Status bound = client->Initialise({Secret::FromText(kPin), Secret(), ""});
    EXPECT_TRUE(bound);
    EXPECT_TRUE(Reaches(*client, TokenState::kReady));
    return client;
  }

  SoftHsm hsm_;
  const std::string mode_file_ = hsm_.folder() + "/mode";
};

TEST_P(FakeWorker, ThatMisbehavesWhileServingIsReplaced) {
  const auto client = StartServing();
  const auto before = MakeMac(*client, TokenPurpose::kVerify, "m");
  ASSERT_TRUE(before);
  const auto starts = client->status().worker_starts;
  Tell(GetParam());
  // A reply sent twice spoils only what comes after it.
  ASSERT_TRUE(Eventually([&] { return !MakeMac(*client, TokenPurpose::kVerify, "m"); }));
  ASSERT_TRUE(Eventually([&] { return client->status().worker_starts > starts; }));
  Tell("");
  ASSERT_TRUE(Reaches(*client, TokenState::kReady));
  const auto after = MakeMac(*client, TokenPurpose::kVerify, "m");
  ASSERT_TRUE(after) << after.error().message();
  EXPECT_EQ(*before, *after);
}

TEST_P(FakeWorker, ThatMisbehavesFromTheStartIsReplacedUntilItBehaves) {
  StartServing().reset();
  Tell(GetParam());
  TokenSettings settings = Settings();
  settings.pin_file = hsm_.pin_file();
  hsm_.WritePinFile(kPin);
  const auto client = StartClient(settings);
  ASSERT_TRUE(Reaches(*client, TokenState::kFailed));
  EXPECT_FALSE(MakeMac(*client, TokenPurpose::kVerify, "m"));
  Tell("");
  EXPECT_TRUE(Reaches(*client, TokenState::kReady));
}

INSTANTIATE_TEST_SUITE_P(Worker, FakeWorker,
                         testing::Values("garbage", "wrong_id", "twice", "short_frame", "empty_frame",
                                         "long_frame", "long_length", "other_version", "token_error",
                                         "silence", "exit"),
                         [](const auto& test) { return std::string(test.param); });

using FakeWorkerCase = FakeWorker;

TEST_F(FakeWorkerCase, ThatExitsAtOnceIsReportedAndTriedAgain) {
  StartServing().reset();
  hsm_.WritePinFile(kPin);
  Tell("exit_at_once");
  const auto client = StartClient(Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kFailed));
  EXPECT_TRUE(Eventually([&] { return client->status().worker_starts > 3; }));
  Tell("");
  EXPECT_TRUE(Reaches(*client, TokenState::kReady));
}

TEST_F(FakeWorkerCase, WhoseHealthValueIsWrongIsNotTrusted) {
  const auto client = StartServing();
  Tell("wrong_mac");
  EXPECT_TRUE(Reaches(*client, TokenState::kForeignToken));
}

TEST_F(FakeWorkerCase, ThatIsSlowLosesCallsButIsNotReplaced) {
  const auto client = StartServing();
  const auto starts = client->status().worker_starts;
  Tell("slow");
  // Each call takes 60 ms of the 500 ms, so that one makes it and the last of many do not.
  std::atomic<int> answers{0}, failures{0};
  for (int i = 0; i < 30; ++i) {
    client->ComputeAsync({{TokenPurpose::kVerify, Bytes("m")}}, [&](Result<std::vector<Mac>> macs) {
      if (!macs) ++failures;
      ++answers;
    });
  }
  ASSERT_TRUE(Eventually([&] { return answers == 30; }));
  EXPECT_GT(failures, 0);
  EXPECT_LT(failures, 30);
  EXPECT_EQ(client->status().state, TokenState::kReady);
  EXPECT_EQ(client->status().worker_starts, starts);
}

}  // namespace
}  // namespace claviger::hsm
