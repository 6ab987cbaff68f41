#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "daemon/server/listener.h"
#include "tests/unit/server/client.h"

namespace claviger::server {
namespace {

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START

class ActivationTest : public testing::Test {
 protected:
  // Hands `fds` over to a child process under `names`; true if what it inherits passes `check`.
  static bool Inherits(const std::vector<int>& fds, const std::string& names,
                       const std::function<bool(const Result<std::vector<Listening>>&)>& check) {
    const pid_t child = ::fork();
    if (child == 0) {
      // First out of the way, so that none is overwritten.
      std::vector<int> copies;
      for (const int fd : fds) copies.push_back(::fcntl(fd, F_DUPFD, kFirst + 20));
      for (std::size_t i = 0; i < copies.size(); ++i) ::dup2(copies[i], kFirst + static_cast<int>(i));
      ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
      ::setenv("LISTEN_FDS", std::to_string(fds.size()).c_str(), 1);
      ::setenv("LISTEN_FDNAMES", names.c_str(), 1);
      const bool passed = check(InheritListeners());
      ::_exit(passed ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  static bool IsRefused(const Result<std::vector<Listening>>& result, std::string_view words) {
    return !result && result.error().code() == ErrorCode::kConfiguration &&
           result.error().message().find(words) != std::string::npos;
  }

  ScratchDirectory directory_;
  const Listening listening_ = *Bind(directory_ / "socket", protocol::Face::kVerify, 0600);
  const int fd_ = listening_.fd.get();
};

TEST_F(ActivationTest, TellsTheFaceByTheName) {
  EXPECT_TRUE(
      Inherits({fd_, fd_, fd_, fd_, fd_, fd_},
               "verify:admin:io.claviger.Admin:io.claviger.Verify:claviger-admin.socket:claviger.socket",
               [](const auto& result) {
                 using enum protocol::Face;
                 if (!result || result->size() != 6) return false;
                 const auto face = [&](std::size_t i) { return (*result)[i].face; };
                 return face(0) == kVerify && face(1) == kAdmin && face(2) == kAdmin && face(3) == kVerify &&
                        face(4) == kAdmin && face(5) == kVerify;
               }));
}

TEST_F(ActivationTest, MakesSocketsNonBlockingAndNotInheritable) {
  EXPECT_TRUE(Inherits({fd_}, "verify", [](const auto& result) {
    if (!result) return false;
    const int fd = result->front().fd.get();
    return (::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0 && (::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0 &&
           ::getenv("LISTEN_FDS") == nullptr;
  }));
}

TEST_F(ActivationTest, IsEmptyWithoutSockets) {
  const auto none = InheritListeners();
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
}

TEST_F(ActivationTest, RefusesNamesThatAreNotKnown) {
  for (const char* name : {"unknown", "Verify", "http", "claviger.service"}) {
    EXPECT_TRUE(Inherits({fd_}, name, [&](const auto& result) {
      return IsRefused(result, std::string("\"") + name + "\"") && IsRefused(result, "FileDescriptorName=");
    })) << name;
  }
}

TEST_F(ActivationTest, RefusesWhatIsNotAListeningStreamSocket) {
  const UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const UniqueFd datagram(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const Client connected(directory_ / "socket");
  for (const int fd : {file.get(), datagram.get(), connected.fd()}) {
    EXPECT_TRUE(Inherits({fd_, fd}, "verify:admin", [](const auto& result) {
      return IsRefused(result, "\"admin\"") && IsRefused(result, "not a listening Unix stream socket");
    })) << fd;
  }
}

}  // namespace
}  // namespace claviger::server
