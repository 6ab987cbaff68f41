#include <optional>

#include "tests/unit/server/server_fixture.h"

namespace claviger::server {
namespace {

using std::chrono::milliseconds;

class StopTest : public ServerFixture {};

TEST_F(StopTest, ClosesIdleConnectionsAndAcceptsNoMore) {
  StartServer();
  Client client(verify_path_);
  EXPECT_EQ(client.Ask("echo a"), "a");
  server_->Stop();
  EXPECT_EQ(client.Receive(), "<end>");
  EXPECT_FALSE(Client().Connect(verify_path_));
  EXPECT_EQ(desk_.sessions, 0U);
  EXPECT_EQ(server_->counters().open, 0U);
  server_->Stop();
  EXPECT_EQ(server_->counters().accepted, 1U);
}

TEST_F(StopTest, WaitsForRepliesThatAreOutstanding) {
  ServerSettings settings;
  settings.drain_deadline = std::chrono::minutes(1);
  StartServer(settings);
  Client client(verify_path_);
  ASSERT_TRUE(client.SendFrames({"later a", "echo b"}));
  protocol::Ticket ticket = desk_.Await("a");
  WaitFor([&] { return desk_.dispatched == 2; });
  std::thread stopping([&] { server_->Stop(); });
  std::this_thread::sleep_for(milliseconds(20));
  std::move(ticket).Reply(ToBuffer(std::string_view("a\0", 2)));
  EXPECT_EQ(client.Receive(2), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(client.Receive(), "<end>");
  stopping.join();
}

TEST_F(StopTest, GivesUpOnRepliesThatDoNotCome) {
  ServerSettings settings;
  settings.drain_deadline = milliseconds(30);
  StartServer(settings);
  Client client(verify_path_);
  Client unread(verify_path_);
  ASSERT_TRUE(client.SendFrames({"later a"}));
  ASSERT_TRUE(unread.SendFrames({"big 4000000"}));
  std::optional<protocol::Ticket> ticket(desk_.Await("a"));
  WaitFor([&] { return desk_.dispatched == 2; });
  server_->Stop();
  EXPECT_EQ(client.Receive(), "<end>");
  EXPECT_EQ(desk_.sessions, 0U);
  std::move(*ticket).Reply(ToBuffer(std::string_view("a\0", 2)));  // does nothing
  server_.reset();
}

TEST_F(StopTest, LeavesTicketsThatOutliveServerAndConnectionHarmless) {
  StartServer();
  std::vector<protocol::Ticket> tickets;
  {
    Client client(verify_path_);
    ASSERT_TRUE(client.SendFrames({"later a", "later b", "later c", "later d"}));
    for (const char* name : {"a", "b", "c", "d"}) tickets.push_back(desk_.Await(name));
  }
  WaitFor([&] { return desk_.sessions == 0; });
  std::move(tickets[0]).Reply(ToBuffer("a"));
  EXPECT_EQ(Client(verify_path_).Ask("echo still here"), "still here");
  server_->Stop();
  std::move(tickets[1]).Reply(ToBuffer("b"));
  server_.reset();
  std::move(tickets[2]).Reply(ToBuffer("c"));
  tickets.clear();
  EXPECT_EQ(desk_.dispatched, 5U);
}

TEST_F(StopTest, LeavesWhoComesLaterInTheQueueOnceNoLoopAccepts) {
  ServerSettings settings;
  settings.loops = 3;
  StartServer(settings);
  Client before(verify_path_);
  EXPECT_EQ(before.Ask("echo a"), "a");
  server_->StopAccepting();
  std::vector<Client> later;
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(later.emplace_back().Connect(verify_path_));
    ASSERT_TRUE(later.back().SendFrames({"echo x"}));
  }
  EXPECT_EQ(before.Ask("echo b"), "b") << "who was accepted is still served";
  server_->Stop();
  EXPECT_EQ(server_->counters().accepted, 1U);
  EXPECT_EQ(server_->counters().refused, 0U);
  EXPECT_EQ(desk_.dispatched, 2U) << "what was not read is not carried out";
}

TEST_F(StopTest, AnswersAQuestionOnceAllLoopsHaveTurned) {
  ServerSettings settings;
  settings.loops = 3;
  StartServer(settings);
  std::atomic<int> answers{0};
  for (int i = 1; i <= 5; ++i) {
    server_->Ask([&] { ++answers; });
    WaitFor([&] { return answers == i; });
  }
  server_->Stop();
  EXPECT_EQ(answers, 5);
}

TEST_F(StopTest, EndsEveryPeerWhileAllAreBusy) {
  ServerSettings settings;
  settings.loops = 2;
  StartServer(settings);
  std::vector<Client> clients;
  for (int t = 0; t < 6; ++t) clients.emplace_back(verify_path_);  // all before any can see the stop
  std::atomic<int> answered{0};
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < clients.size(); ++t) {
    threads.emplace_back([&, t] {
      const std::string verb = t % 2 == 0 ? "echo " : "now ";
      for (int i = 0; clients[t].Ask(verb + std::to_string(i)) == std::to_string(i); ++i) ++answered;
    });
  }
  WaitFor([&] { return answered > 500; });
  server_->Stop();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(desk_.sessions, 0U);
  EXPECT_EQ(server_->counters().open, 0U);
}

}  // namespace
}  // namespace claviger::server
