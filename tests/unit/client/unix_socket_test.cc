#include "client/unix_socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>

#include "tests/unit/client/scripted_server.h"

namespace claviger::client {
namespace {

SteadyTime Soon() { return SteadyNow() + std::chrono::seconds(20); }

TEST(ConnectUnix, ReachesASocketBehindAPathThatNoAddressCanHold) {
  const SocketFolder folder;
  std::string deep = folder.path();
  while (deep.size() < 300) deep += "/a folder with a long name";
  std::filesystem::create_directories(deep);
  const UniqueFd listener = ListenAt(folder.socket());
  std::filesystem::rename(folder.socket(), deep + "/socket");
  const auto connected = ConnectUnix(deep + "/socket", Soon());
  EXPECT_TRUE(connected) << connected.error().message();
  const auto absent = ConnectUnix(deep + "/other", Soon());
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code(), ErrorCode::kUnavailable);
  std::filesystem::remove_all(folder.path());
}

TEST(ConnectUnix, SaysUnavailableWhereNothingListens) {
  const SocketFolder folder;
  const auto absent = ConnectUnix(folder.socket(), Soon());
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code(), ErrorCode::kUnavailable);
  EXPECT_NE(absent.error().message().find(folder.socket()), std::string::npos);
  ListenAt(folder.socket()).Reset();
  const auto deserted = ConnectUnix(folder.socket(), Soon());
  ASSERT_FALSE(deserted);
  EXPECT_EQ(deserted.error().code(), ErrorCode::kUnavailable);
}

TEST(ConnectUnix, RefusesPathsThatCannotNameASocket) {
  for (const std::string& path :
       {std::string(), "/tmp/" + std::string(200, 'n'), std::string("/tmp/a\0b", 8)}) {
    const auto refused = ConnectUnix(path, Soon());
    ASSERT_FALSE(refused) << path;
    EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument) << path;
  }
}

TEST(ConnectUnix, GivesUpWhenTheQueueStaysFull) {
  const SocketFolder folder;
  const UniqueFd listener = ListenAt(folder.socket(), 0);
  std::vector<UniqueFd> waiting;
  for (int i = 0; i < 8; ++i) {
    auto connected = ConnectUnix(folder.socket(), SteadyNow() + std::chrono::milliseconds(20));
    if (!connected) {
      EXPECT_EQ(connected.error().code(), ErrorCode::kBusy);
      return;
    }
    waiting.push_back(std::move(*connected));
  }
  FAIL() << "eight connections fit a queue of none";
}

TEST(ConnectUnix, ClosesItsDescriptorOnExec) {
  const SocketFolder folder;
  const UniqueFd listener = ListenAt(folder.socket());
  const auto connected = ConnectUnix(folder.socket(), Soon());
  ASSERT_TRUE(connected);
  EXPECT_NE(::fcntl(connected->get(), F_GETFD) & FD_CLOEXEC, 0);
}

}  // namespace
}  // namespace claviger::client
