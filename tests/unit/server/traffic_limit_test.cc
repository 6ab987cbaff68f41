#include <string>

#include "tests/unit/server/server_fixture.h"

namespace claviger::server {
namespace {

using std::chrono::milliseconds;

class TrafficLimitTest : public ServerFixture {};

TEST_F(TrafficLimitTest, AllowsFramesOfExactlyTheLimit) {
  ServerSettings settings;
  settings.max_verify_frame_bytes = 1000;
  settings.max_admin_frame_bytes = 200000;
  StartServer(settings);
  for (const auto& [path, limit] : {std::pair{verify_path_, 1000U}, std::pair{admin_path_, 200000U}}) {
    const std::string text(limit - 5, 'x');
    Client client(path);
    EXPECT_EQ(client.Ask("echo " + text), text);
    EXPECT_EQ(client.Ask("echo " + text), text);
    ASSERT_TRUE(client.SendFrames({"echo a", "echo " + text + "x", "echo b"}));
    EXPECT_EQ(client.Receive(), "a");
    EXPECT_EQ(client.Receive(), "<end>");
  }
  EXPECT_EQ(server_->counters().closed_by_limit, 2U);
}

TEST_F(TrafficLimitTest, ClosesOnFramesThatGoOnBeyondTheLimit) {
  StartServer();
  Client client(verify_path_);
  client.Send(std::string(protocol::kMaxVerifyFrameBytes, 'x'));
  client.Send("x");
  EXPECT_TRUE(client.ReadToEnd());
  EXPECT_EQ(desk_.dispatched, 0U);
  WaitFor([&] { return server_->counters().open == 0; });
  EXPECT_EQ(server_->counters().closed_by_limit, 1U);
}

TEST_F(TrafficLimitTest, ClosesAtTheFirstOfAFloodOfNuls) {
  StartServer();
  Client client(verify_path_);
  client.Send(std::string(1 << 20, '\0'));
  EXPECT_TRUE(client.ReadToEnd());
  EXPECT_EQ(desk_.dispatched, 1U);
}

TEST_F(TrafficLimitTest, ClosesFramesThatAreNotWholeInTime) {
  ServerSettings settings;
  settings.frame_deadline = milliseconds(100);
  StartServer(settings);
  Client client(verify_path_);
  EXPECT_EQ(client.Ask("echo a"), "a");
  while (client.Send("x"))
    std::this_thread::sleep_for(milliseconds(5));  // each byte comes soon after the one before
  EXPECT_TRUE(client.ReadToEnd());
  WaitFor([&] { return server_->counters().closed_by_limit == 1; });
  EXPECT_EQ(desk_.dispatched, 1U);
}

TEST_F(TrafficLimitTest, LetsPeersBeSilentBetweenFrames) {
  ServerSettings settings;
  settings.frame_deadline = settings.output_deadline = milliseconds(20);
  StartServer(settings);
  Client client(verify_path_);
  ASSERT_TRUE(client.Send("echo a"));
  ASSERT_TRUE(client.Send(std::string_view("\0", 1)));
  EXPECT_EQ(client.Receive(), "a");
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_EQ(client.Ask("echo b"), "b");
  EXPECT_EQ(server_->counters().closed_by_limit, 0U);
}

TEST_F(TrafficLimitTest, StopsReadingFromAPeerThatNeverReads) {
  constexpr std::size_t kReply = 16 * 1024;
  ServerSettings settings;
  settings.max_output_bytes = 256 * 1024;
  settings.output_deadline = milliseconds(200);
  StartServer(settings);
  Client client(verify_path_);
  const std::string calls = [] {
    std::string text;
    for (int i = 0; i < 1000; ++i) (text += "big " + std::to_string(kReply)) += '\0';
    return text;
  }();
  // Sends as long as the server lets it; the server closes once nothing has been read for the deadline.
  for (std::size_t at = 0; server_->counters().closed_by_limit == 0;) {
    at = (at + client.SendWithoutWaiting(std::string_view(calls).substr(at))) % calls.size();
    std::this_thread::sleep_for(milliseconds(1));
  }
  // What was answered is what the server may hold, one reply more, and what fits the kernel's buffers.
  constexpr std::size_t kKernel = 2 * 1024 * 1024;
  EXPECT_LE(desk_.dispatched * kReply, settings.max_output_bytes + kReply + kKernel);
  EXPECT_TRUE(client.ReadToEnd());
}

TEST_F(TrafficLimitTest, ReadsOnOnceAPeerHasReadEnough) {
  ServerSettings settings;
  settings.max_output_bytes = 64 * 1024;
  StartServer(settings);
  Client client(verify_path_);
  constexpr int kCalls = 400;
  std::thread sending([&] {
    for (int i = 0; i < kCalls; ++i) {
      if (!client.SendFrames({"big 50000", "echo " + std::to_string(i)})) return;
    }
  });
  for (int i = 0; i < kCalls; ++i) {
    EXPECT_EQ(client.Receive().size(), 50000U);
    EXPECT_EQ(client.Receive(), std::to_string(i));
  }
  sending.join();
  EXPECT_EQ(server_->counters().closed_by_limit, 0U);
}

TEST_F(TrafficLimitTest, StopsReadingWhileTooManyRepliesArePending) {
  ServerSettings settings;
  settings.max_pending_replies = 4;
  StartServer(settings);
  Client client(verify_path_);
  std::vector<std::string> calls;
  std::vector<std::string> expected;
  for (int i = 0; i < 40; ++i) {
    calls.push_back("later " + std::to_string(i));
    expected.push_back(std::to_string(i));
  }
  ASSERT_TRUE(client.SendFrames(calls));
  WaitFor([&] { return desk_.dispatched == 4; });
  EXPECT_EQ(Client(verify_path_).Ask("echo meanwhile"), "meanwhile");
  EXPECT_EQ(desk_.dispatched, 5U);
  std::thread answering([&] {
    for (const std::string& name : expected) std::move(desk_.Await(name)).Reply(ToBuffer(name + '\0'));
  });
  EXPECT_EQ(client.Receive(expected.size()), expected);
  answering.join();
}

TEST_F(TrafficLimitTest, HoldsLessPerPeerWhenAllHoldMuch) {
  ServerSettings settings;
  settings.max_output_bytes_in_total = 100 * 1024;
  settings.max_output_bytes_when_crowded = 1024;
  StartServer(settings);
  // Two peers that do not read: the first fills what is for all, so the second is stopped at its first reply.
  Client first(verify_path_);
  ASSERT_TRUE(first.SendFrames({"big 1000000"}));
  WaitFor([&] { return desk_.dispatched == 1; });
  EXPECT_EQ(Client(verify_path_).Ask("echo turn"), "turn");  // the first one's turn is over
  Client second(verify_path_);
  ASSERT_TRUE(second.SendFrames({"big 1000000", "echo x", "echo y"}));
  WaitFor([&] { return desk_.dispatched == 3; });
  EXPECT_EQ(Client(verify_path_).Ask("echo turn"), "turn");
  EXPECT_EQ(desk_.dispatched, 4U);
  EXPECT_EQ(first.Receive().size(), 1000000U);
  EXPECT_EQ(second.Receive().size(), 1000000U);
  EXPECT_EQ(second.Receive(2), (std::vector<std::string>{"x", "y"}));
}

TEST_F(TrafficLimitTest, ServesOthersWhileOnePeerFloods) {
  StartServer();
  Client flooding(verify_path_);
  std::atomic<bool> enough{false};
  std::thread flood([&] {
    const std::vector<std::string> calls(5000, "oneway x");
    while (!enough) flooding.SendFrames(calls);
  });
  Client client(verify_path_);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(client.Ask("echo " + std::to_string(i)), std::to_string(i));
  enough = true;
  flood.join();
}

}  // namespace
}  // namespace claviger::server
