#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "daemon/server/server.h"
#include "protocol/limits.h"
#include "tests/unit/server/client.h"

namespace claviger::server {
namespace {

using std::chrono::milliseconds;

// What came in, until a test takes it.
class Counter {
 public:
  void Put(protocol::CredentialRequest request, protocol::Ticket ticket) {
    const MutexLock lock(mutex_);
    came_.emplace_back(std::move(request), std::move(ticket));
    changed_.NotifyOne();
  }
  std::pair<protocol::CredentialRequest, protocol::Ticket> Take() {
    const MutexLock lock(mutex_);
    while (came_.empty()) changed_.Wait(mutex_);
    auto first = std::move(came_.back());
    came_.pop_back();
    return first;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::vector<std::pair<protocol::CredentialRequest, protocol::Ticket>> came_ GUARDED_BY(mutex_);
};

class CounterDispatcher final : public protocol::Dispatcher {
 public:
  explicit CounterDispatcher(Counter& counter) : counter_(counter) {}
  Result<std::unique_ptr<protocol::Session>> Accept(protocol::Peer, protocol::Face) override {
    return Error(ErrorCode::kDenied, "only credentials");
  }
  void BeginBatch(SteadyTime) override {}
  protocol::Disposition Dispatch(protocol::Session&, std::span<char>, WipingBuffer&,
                                 protocol::TicketOffer&) override {
    return protocol::Disposition::kClose;
  }
  void HandOver(protocol::CredentialRequest request, protocol::Ticket ticket) override {
    counter_.Put(std::move(request), std::move(ticket));
  }

 private:
  Counter& counter_;
};

WipingBuffer Bytes(std::string_view text) { return WipingBuffer(text.begin(), text.end()); }

class CredentialConnections : public testing::Test {
 protected:
  void StartServer(ServerSettings settings = {}) {
    settings.loops = 1;
    auto socket = Bind(path_, protocol::Face::kCredential, 0600);
    ASSERT_TRUE(socket) << socket.error().message();
    std::vector<Listening> sockets;
    sockets.push_back(std::move(*socket));
    auto server = Server::Start(std::move(sockets), settings,
                                [this] { return std::make_unique<CounterDispatcher>(counter_); });
    ASSERT_TRUE(server) << server.error().message();
    server_ = std::move(*server);
  }
  UniqueFd Connect(std::string_view bound_to = {}) const {
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (!bound_to.empty()) {
      std::copy(bound_to.begin(), bound_to.end(), address.sun_path);
      const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + bound_to.size());
      EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
      address = {};
      address.sun_family = AF_UNIX;
    }
    std::copy(path_.begin(), path_.end(), address.sun_path);
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    return fd;
  }
  static std::string ReadAll(const UniqueFd& fd) {
    std::string all;
    std::vector<char> part(65536);
    ssize_t got = 0;
    while ((got = ::recv(fd.get(), part.data(), part.size(), 0)) > 0) {
      all.append(part.data(), static_cast<std::size_t>(got));
    }
    return all;
  }

  ScratchDirectory directory_;
  const std::string path_ = directory_ / "credential";
  Counter counter_;
  std::unique_ptr<Server> server_;
};

TEST_F(CredentialConnections, SendWhatTheTicketIsGivenAndClose) {
  StartServer();
  const UniqueFd peer = Connect();
  std::move(counter_.Take().second).Reply(Bytes("a key"));
  EXPECT_EQ(ReadAll(peer), "a key");
}

TEST_F(CredentialConnections, SayWhoConnectedAndFromWhichAddress) {
  StartServer();
  const std::string name =
      std::string(1, '\0') + "c1av1/unit/test-" + std::to_string(::getpid()) + ".service/api-key";
  const UniqueFd peer = Connect(name);
  const auto [request, ticket] = counter_.Take();
  EXPECT_EQ(request.address, name);
  EXPECT_EQ(request.peer.uid, ::getuid());
  const UniqueFd nameless = Connect();
  EXPECT_EQ(counter_.Take().first.address, "");
}

TEST_F(CredentialConnections, RefuseWithMoreThanSystemdTakesIfTheTicketIsDropped) {
  StartServer();
  const UniqueFd peer = Connect();
  { const auto dropped = counter_.Take(); }
  EXPECT_EQ(ReadAll(peer).size(), protocol::kRefusalBytes);
  EXPECT_EQ(server_->counters().refused, 1U);
}

TEST_F(CredentialConnections, RefuseAnEmptyCredential) {
  StartServer();
  const UniqueFd peer = Connect();
  std::move(counter_.Take().second).Reply(WipingBuffer());
  EXPECT_EQ(ReadAll(peer).size(), protocol::kRefusalBytes);
}

TEST_F(CredentialConnections, WaitForTheirAnswerThoughThePeerHasEndedItsDirection) {
  StartServer();
  const UniqueFd peer = Connect();
  ASSERT_EQ(::shutdown(peer.get(), SHUT_WR), 0);
  auto [request, ticket] = counter_.Take();
  std::this_thread::sleep_for(milliseconds(30));
  std::move(ticket).Reply(Bytes("a key"));
  EXPECT_EQ(ReadAll(peer), "a key");
}

TEST_F(CredentialConnections, EndWithAPeerThatGoesAway) {
  StartServer();
  UniqueFd peer = Connect();
  auto [request, ticket] = counter_.Take();
  peer.Reset();
  while (server_->counters().open != 0) std::this_thread::sleep_for(milliseconds(1));
  std::move(ticket).Reply(Bytes("a key"));  // does nothing
}

TEST_F(CredentialConnections, EndWithAPeerThatDoesNotReadItsRefusal) {
  ServerSettings settings;
  settings.output_deadline = milliseconds(50);
  StartServer(settings);
  const UniqueFd peer = Connect();
  { const auto dropped = counter_.Take(); }
  while (server_->counters().open != 0) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_EQ(server_->counters().closed_by_limit, 1U);
}

TEST_F(CredentialConnections, AreRefusedIfTheServerStopsBeforeTheirAnswerIsThere) {
  ServerSettings settings;
  settings.drain_deadline = milliseconds(400);
  StartServer(settings);
  const UniqueFd peer = Connect();
  const auto waiting = counter_.Take();
  std::string got;
  std::thread reader([&] { got = ReadAll(peer); });
  server_->Stop();
  reader.join();
  EXPECT_EQ(got.size(), protocol::kRefusalBytes);
}

TEST_F(CredentialConnections, StillGetAnAnswerThatComesWhileTheServerStops) {
  ServerSettings settings;
  settings.drain_deadline = std::chrono::minutes(1);
  StartServer(settings);
  const UniqueFd peer = Connect();
  auto [request, ticket] = counter_.Take();
  std::thread stopping([&] { server_->Stop(); });
  std::this_thread::sleep_for(milliseconds(20));
  std::move(ticket).Reply(Bytes("a key"));
  EXPECT_EQ(ReadAll(peer), "a key");
  stopping.join();
}

}  // namespace
}  // namespace claviger::server
