#include "daemon/server/server.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <set>

#include "daemon/server/load_watch.h"
#include "tests/unit/server/server_fixture.h"

namespace claviger::server {
namespace {

class ServerTest : public ServerFixture {};

TEST_F(ServerTest, AnswersCalls) {
  StartServer();
  Client client(verify_path_);
  EXPECT_EQ(client.Ask("echo one"), "one");
  EXPECT_EQ(client.Ask("echo "), "");
  EXPECT_EQ(client.Ask("echo two"), "two");
  EXPECT_EQ(server_->counters().open, 1U);
  EXPECT_EQ(server_->counters().accepted, 1U);
}

TEST_F(ServerTest, TellsDispatchersTheFace) {
  StartServer();
  EXPECT_EQ(Client(verify_path_).Ask("face"), "verify");
  EXPECT_EQ(Client(admin_path_).Ask("face"), "admin");
}

TEST_F(ServerTest, TellsDispatchersThePeer) {
  StartServer();
  std::string command = "?";
  if (FILE* file = std::fopen("/proc/self/comm", "r"); file != nullptr) {
    std::array<char, 64> line{};
    if (std::fgets(line.data(), line.size(), file) != nullptr)
      command = std::string(line.data(), std::strlen(line.data()) - 1);
    std::fclose(file);
  }
  const std::string peer = Client(verify_path_).Ask("peer");
  const std::string expected = std::to_string(::geteuid()) + " " + std::to_string(::getegid()) + " " +
                               std::to_string(::getpid()) + " " + command + " ";
  EXPECT_EQ(peer.substr(0, expected.size()), expected);
}

TEST_F(ServerTest, JoinsFramesThatComeInPieces) {
  StartServer();
  Client client(verify_path_);
  for (const char c : std::string("echo piece\0echo by piece\0ec", 27))
    ASSERT_TRUE(client.Send(std::string(1, c)));
  EXPECT_EQ(client.Receive(), "piece");
  EXPECT_EQ(client.Receive(), "by piece");
  ASSERT_TRUE(client.Send(std::string("ho end\0", 7)));
  EXPECT_EQ(client.Receive(), "end");
}

TEST_F(ServerTest, AnswersWhatWasAskedBeforeAHalfClose) {
  StartServer();
  Client client(verify_path_);
  ASSERT_TRUE(client.SendFrames({"echo a", "later x", "echo b"}));
  ASSERT_TRUE(client.Send("echo not whole"));
  client.EndSending();
  std::move(desk_.Await("x")).Reply(ToBuffer(std::string_view("x\0", 2)));
  EXPECT_EQ(client.Receive(3), (std::vector<std::string>{"a", "x", "b"}));
  EXPECT_EQ(client.Receive(), "<end>");
}

TEST_F(ServerTest, DispatchesWhatAPeerSentBeforeItLeft) {
  StartServer();
  {
    Client client(verify_path_);
    ASSERT_TRUE(client.SendFrames({"oneway a", "oneway b", "oneway c"}));
  }
  WaitFor([&] { return desk_.dispatched == 3; });
  WaitFor([&] { return desk_.sessions == 0; });
  EXPECT_EQ(server_->counters().open, 0U);
}

TEST_F(ServerTest, ClosesAfterTheRepliesWhenADispatcherAsks) {
  StartServer();
  Client client(verify_path_);
  ASSERT_TRUE(client.SendFrames({"echo a", "later x", "close b", "echo c"}));
  std::move(desk_.Await("x")).Reply(ToBuffer(std::string_view("x\0", 2)));
  EXPECT_EQ(client.Receive(3), (std::vector<std::string>{"a", "x", "b"}));
  EXPECT_EQ(client.Receive(), "<end>");
  EXPECT_EQ(desk_.dispatched, 3U);
  EXPECT_EQ(server_->counters().closed_as_invalid, 1U);
}

TEST_F(ServerTest, ClosesWhatADispatcherDoesNotLetIn) {
  StartServer();
  desk_.lets_in = false;
  Client client(verify_path_);
  EXPECT_EQ(client.Receive(), "<end>");
  EXPECT_EQ(server_->counters().refused, 1U);
  EXPECT_EQ(server_->counters().accepted, 0U);
  desk_.lets_in = true;
  EXPECT_EQ(Client(verify_path_).Ask("echo in"), "in");
}

// Idle loops are given up window by window, so what was asked before the first one has passed is looked at.
TEST_F(ServerTest, SharesConnectionsOutToItsLoops) {
  ServerSettings settings;
  settings.loops = settings.awake_loops = 3;
  std::multiset<std::string> loops;
  for (SteadyTime start{}; SteadyNow() - start >= LoadWatch::kWindow;) {
    server_.reset();
    start = SteadyNow();
    StartServer(settings);
    std::vector<std::unique_ptr<Client>> clients;
    loops.clear();
    for (int i = 0; i < 60; ++i) {
      clients.push_back(std::make_unique<Client>(verify_path_));
      loops.insert(clients.back()->Ask("who"));
    }
    EXPECT_EQ(server_->counters().open, 60U);
  }
  // Dispatchers are numbered on, over all servers.
  const std::set<std::string> names(loops.begin(), loops.end());
  EXPECT_EQ(names.size(), 3U);
  for (const std::string& loop : names) EXPECT_EQ(loops.count(loop), 20U) << loop;
  WaitFor([&] { return server_->counters().open == 0; });
  EXPECT_EQ(server_->counters().most_open, 60U);
}

TEST_F(ServerTest, ServesManyPeersFromManyThreads) {
  ServerSettings settings;
  settings.loops = 2;
  StartServer(settings);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int c = 0; c < 5; ++c) {
        Client client(verify_path_);
        for (int i = 0; i < 50; ++i) {
          const std::string text = std::to_string(t) + "/" + std::to_string(c) + "/" + std::to_string(i);
          if (client.Ask("echo " + text) != text || client.Ask("now " + text) != text) ++wrong;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(server_->counters().accepted, 40U);
}

// As a worker is spawned: until it calls exec, the child has copies of all descriptors.
TEST_F(ServerTest, EndsConnectionsWhileAChildHasCopiesOfThem) {
  StartServer();
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<Client>(verify_path_));
    EXPECT_EQ(clients.back()->Ask("echo in"), "in");
  }
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[1]);
    char byte = 0;
    ::_exit(static_cast<int>(::read(ends[0], &byte, 1)));
  }
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  for (const auto& client : clients) {
    EXPECT_EQ(client->Ask("close out"), "out");
    EXPECT_EQ(client->Receive(), "<end>");
  }
  clients.clear();
  Client last(verify_path_);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(last.Ask("echo on"), "on");
  write_end.Reset();
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(ServerTest, DropsDescriptorsThatPeersSend) {
  StartServer();
  Client client(verify_path_);
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  char text[] = "echo hello";
  iovec piece{text, sizeof(text)};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  const int sent_fd = write_end.get();
  std::memcpy(CMSG_DATA(header), &sent_fd, sizeof(sent_fd));
  if (::sendmsg(client.fd(), &message, MSG_NOSIGNAL) < 0) {
    EXPECT_EQ(errno, EPERM);  // the kernel knows SO_PASSRIGHTS and refuses already here
    return;
  }
  EXPECT_EQ(client.Receive(), "hello");
  write_end.Reset();
  char byte = 0;
  EXPECT_EQ(::read(read_end.get(), &byte, 1), 0);  // nobody else has the other end
}

}  // namespace
}  // namespace claviger::server
