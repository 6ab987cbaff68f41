#include <algorithm>
#include <memory>
#include <random>
#include <string>

#include "tests/unit/server/server_fixture.h"

namespace claviger::server {
namespace {

class ReplyOrderTest : public ServerFixture {};

TEST_F(ReplyOrderTest, IsThatOfTheCallsWhateverTheOrderOfTheAnswers) {
  StartServer();
  Client client(verify_path_);
  constexpr std::size_t kCalls = 600;
  std::vector<std::string> calls;
  std::vector<std::string> expected;
  std::vector<std::string> later;
  for (std::size_t i = 0; i < kCalls; ++i) {
    const std::string name = std::to_string(i);
    const bool waits = i % 3 == 1;
    calls.push_back((waits ? "later " : "echo ") + name);
    calls.push_back("oneway " + name);
    expected.push_back(name);
    if (waits) later.push_back(name);
  }
  ASSERT_TRUE(client.SendFrames(calls));
  std::shuffle(later.begin(), later.end(), std::mt19937(7));
  std::thread answering([&] {
    for (const std::string& name : later) std::move(desk_.Await(name)).Reply(ToBuffer(name + '\0'));
  });
  EXPECT_EQ(client.Receive(kCalls), expected);
  answering.join();
}

TEST_F(ReplyOrderTest, HoldsForCallsThatAreAnsweredTogetherAmongOthersThatAreNot) {
  StartServer();
  Client client(verify_path_);
  constexpr std::size_t kCalls = 3000;
  std::mt19937 random(11);
  std::vector<std::string> calls, expected, later;
  for (std::size_t i = 0; i < kCalls; ++i) {
    const std::string name = std::to_string(i);
    const auto kind = random() % 40;
    calls.push_back((kind == 0 ? "later " : kind < 3 ? "echo " : "all ") + name);
    expected.push_back(name);
    if (kind == 0) later.push_back(name);
  }
  ASSERT_TRUE(client.SendFrames(calls));
  std::thread answering([&] {
    for (const std::string& name : later) std::move(desk_.Await(name)).Reply(ToBuffer(name + '\0'));
  });
  EXPECT_EQ(client.Receive(kCalls), expected);
  answering.join();
  EXPECT_GT(desk_.most_together, 1U);
  EXPECT_LE(desk_.most_together, protocol::kMaxBatchFrames);
}

TEST_F(ReplyOrderTest, HoldsOnEachOfManyConnectionsThatAskAtTheSameTimeWhileOthersHangUp) {
  ServerSettings settings;
  settings.loops = 1;
  StartServer(settings);
  constexpr std::size_t kClients = 60, kRounds = 50;
  std::vector<std::unique_ptr<Client>> clients(kClients);
  for (std::size_t round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < kClients; ++i) {
      if (!clients[i]) clients[i] = std::make_unique<Client>(verify_path_);
      const std::string name = std::to_string(round) + "." + std::to_string(i);
      ASSERT_TRUE(clients[i]->SendFrames({"echo " + name, "all " + name}));
    }
    // Whose replies are about to be sent, some of them.
    for (std::size_t i = round % 7; i < kClients; i += 7) clients[i].reset();
    for (std::size_t i = 0; i < kClients; ++i) {
      if (!clients[i]) continue;
      const std::string name = std::to_string(round) + "." + std::to_string(i);
      EXPECT_EQ(clients[i]->Receive(2), (std::vector<std::string>{name, name}));
      if (i % 11 == round % 11) {
        clients[i]->EndSending();
        EXPECT_EQ(clients[i]->Receive(), "<end>");
        clients[i].reset();
      }
    }
  }
}

TEST_F(ReplyOrderTest, AnswersWhoHasEndedSendingBehindFewCalls) {
  StartServer();
  for (int round = 0; round < 50; ++round) {
    Client client(verify_path_);
    ASSERT_TRUE(client.SendFrames({"echo one", "all two"}));
    client.EndSending();
    EXPECT_EQ(client.Receive(3), (std::vector<std::string>{"one", "two", "<end>"}));
  }
}

TEST_F(ReplyOrderTest, HoldsWhenThereIsNoRoomForAllThatCouldBeAnsweredTogether) {
  ServerSettings settings;
  settings.max_output_bytes = 1000;
  StartServer(settings);
  Client client(verify_path_);
  const std::string padding(400, '.');
  std::vector<std::string> calls, expected;
  for (int i = 0; i < 2000; ++i) {
    expected.push_back(std::to_string(i) + padding);
    calls.push_back("all " + expected.back());
  }
  bool sent = false;
  std::thread sending([&] { sent = client.SendFrames(calls); });
  EXPECT_EQ(client.Receive(calls.size()), expected);
  sending.join();
  EXPECT_TRUE(sent);
}

TEST_F(ReplyOrderTest, HoldsForTenThousandCallsSentBeforeAnythingIsRead) {
  StartServer();
  Client client(verify_path_);
  constexpr std::size_t kCalls = 10000;
  const std::string padding(150, '.');
  std::vector<std::string> calls;
  for (std::size_t i = 0; i < kCalls; ++i) calls.push_back("echo " + std::to_string(i) + padding);
  ASSERT_TRUE(client.SendFrames(calls));
  for (std::size_t i = 0; i < kCalls; ++i) ASSERT_EQ(client.Receive(), std::to_string(i) + padding);
}

TEST_F(ReplyOrderTest, HoldsForTicketsThatAreAnsweredWhileTheyAreDispatched) {
  StartServer();
  Client client(verify_path_);
  ASSERT_TRUE(client.SendFrames({"now a", "echo b", "now c", "now d", "echo e"}));
  EXPECT_EQ(client.Receive(5), (std::vector<std::string>{"a", "b", "c", "d", "e"}));
}

TEST_F(ReplyOrderTest, HasNoPlaceForEmptyRepliesToTickets) {
  StartServer();
  Client client(verify_path_);
  ASSERT_TRUE(client.SendFrames({"later oneway", "echo b"}));
  std::move(desk_.Await("oneway")).Reply({});
  EXPECT_EQ(client.Receive(), "b");
}

TEST_F(ReplyOrderTest, IsKeptByFallbacksOfTicketsThatAreDue) {
  StartServer();
  Client client(verify_path_);
  ASSERT_TRUE(client.SendFrames({"later a", "due 20", "echo c"}));
  protocol::Ticket late = desk_.Await("20");
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  std::move(desk_.Await("a")).Reply(ToBuffer(std::string_view("a\0", 2)));
  EXPECT_EQ(client.Receive(3), (std::vector<std::string>{"a", "late", "c"}));
  std::move(late).Reply(ToBuffer(std::string_view("too late\0", 9)));
  EXPECT_EQ(client.Ask("echo d"), "d");
}

TEST_F(ReplyOrderTest, EndsAtATicketThatWasDropped) {
  StartServer();
  Client client(verify_path_);
  ASSERT_TRUE(client.SendFrames({"echo a", "later b", "drop", "echo d"}));
  std::move(desk_.Await("b")).Reply(ToBuffer(std::string_view("b\0", 2)));
  EXPECT_EQ(client.Receive(2), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(client.Receive(), "<end>");
  EXPECT_EQ(server_->counters().closed_as_invalid, 1U);
}

TEST_F(ReplyOrderTest, EndsAtADispatcherThatBreaksIt) {
  StartServer();
  for (const char* defect : {"lie", "cheat"}) {
    Client client(verify_path_);
    ASSERT_TRUE(client.SendFrames({"echo a", defect, "echo c"}));
    EXPECT_EQ(client.Receive(), "a") << defect;
    EXPECT_EQ(client.Receive(), "<end>") << defect;
  }
}

}  // namespace
}  // namespace claviger::server
