#include <fcntl.h>
#include <sys/resource.h>

#include <memory>

#include "tests/unit/server/server_fixture.h"

namespace claviger::server {
namespace {

class ConnectionLimitTest : public ServerFixture {
 protected:
  using Clients = std::vector<std::unique_ptr<Client>>;

  Clients Connect(const std::string& path, std::size_t count) {
    Clients clients;
    while (clients.size() < count) {
      clients.push_back(std::make_unique<Client>(path));
      EXPECT_EQ(clients.back()->Ask("echo in"), "in");
    }
    return clients;
  }
};

TEST_F(ConnectionLimitTest, IsKeptPerUserOnEachFace) {
  ServerSettings settings;
  settings.max_connections_per_uid = 3;
  StartServer(settings);
  Clients verifiers = Connect(verify_path_, 3);
  EXPECT_EQ(Client(verify_path_).Receive(), "<end>");
  const Clients operators = Connect(admin_path_, 3);
  EXPECT_EQ(Client(admin_path_).Receive(), "<end>");
  EXPECT_EQ(server_->counters().refused, 2U);
  EXPECT_EQ(server_->counters().open, 6U);
  verifiers.pop_back();
  WaitFor([&] { return server_->counters().open == 5; });
  EXPECT_EQ(Client(verify_path_).Ask("echo in"), "in");
}

TEST_F(ConnectionLimitTest, KeepsAReserveForOperators) {
  ServerSettings settings;
  settings.max_connections = 5;
  settings.reserved_for_admin = 2;
  StartServer(settings);
  const Clients verifiers = Connect(verify_path_, 3);
  EXPECT_EQ(Client(verify_path_).Receive(), "<end>");
  const Clients operators = Connect(admin_path_, 2);
  EXPECT_EQ(Client(admin_path_).Receive(), "<end>");
  EXPECT_EQ(server_->counters().max_open, 5U);
  EXPECT_EQ(server_->counters().most_open, 5U);
}

TEST_F(ConnectionLimitTest, SendsPeersAwayWhenNoDescriptorIsFree) {
  StartServer();
  // The loop has begun its work: UndefinedBehaviorSanitizer needs descriptors when it first sees a type.
  EXPECT_EQ(Client(verify_path_).Ask("echo in"), "in");
  WaitFor([&] { return server_->counters().open == 0; });
  std::vector<std::unique_ptr<Client>> waiting;
  for (int i = 0; i < 5; ++i) waiting.push_back(std::make_unique<Client>());
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit low = before;
  low.rlim_cur = static_cast<rlim_t>(waiting.back()->fd()) + 3;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  std::vector<UniqueFd> fill;
  for (;;) {
    UniqueFd fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!fd) break;
    fill.push_back(std::move(fd));
  }
  for (const auto& client : waiting) {
    EXPECT_TRUE(client->Connect(verify_path_));
    EXPECT_EQ(client->Receive(), "<end>");
  }
  fill.clear();
  EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(server_->counters().refused, 5U);
  EXPECT_EQ(Client(verify_path_).Ask("echo in"), "in");
}

}  // namespace
}  // namespace claviger::server
