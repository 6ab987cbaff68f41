#include "daemon/server/listener.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/unit/server/client.h"

namespace claviger::server {
namespace {

constexpr auto kFace = protocol::Face::kVerify;

class ListenerTest : public testing::Test {
 protected:
  void ExpectRefused(const std::string& path, ErrorCode code, std::string_view words) {
    const auto listening = Bind(path, kFace, 0660);
    ASSERT_FALSE(listening) << path;
    EXPECT_EQ(listening.error().code(), code) << listening.error().message();
    EXPECT_NE(listening.error().message().find(words), std::string::npos) << listening.error().message();
  }
  static mode_t ModeOf(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(::lstat(path.c_str(), &status), 0);
    return status.st_mode & 07777U;
  }

  ScratchDirectory directory_;
};

TEST_F(ListenerTest, GivesTheSocketItsModeWhateverTheUmask) {
  for (const mode_t mask : {0000U, 0077U, 0777U}) {
    const mode_t before = ::umask(mask);
    const auto listening = Bind(directory_ / "socket", kFace, 0660);
    ::umask(before);
    ASSERT_TRUE(listening) << listening.error().message();
    EXPECT_EQ(ModeOf(directory_ / "socket"), 0660U);
    EXPECT_TRUE(Client().Connect(directory_ / "socket"));
  }
}

TEST_F(ListenerTest, GivesTheSocketToAGroup) {
  const auto listening = Bind(directory_ / "socket", kFace, 0660, ::getegid());
  ASSERT_TRUE(listening);
  struct stat status {};
  ASSERT_EQ(::lstat((directory_ / "socket").c_str(), &status), 0);
  EXPECT_EQ(status.st_gid, ::getegid());
}

TEST_F(ListenerTest, MakesItsDirectoryButNoParents) {
  const mode_t before = ::umask(0077);
  const auto listening = Bind(directory_ / "new/socket", kFace, 0660);
  ::umask(before);
  ASSERT_TRUE(listening) << listening.error().message();
  EXPECT_EQ(ModeOf(directory_ / "new"), 0755U);
  ExpectRefused(directory_ / "a/b/socket", ErrorCode::kUnavailable, "make the socket directory");
}

TEST_F(ListenerTest, TakesPathsOfUpTo107Bytes) {
  std::string path = directory_ / "";
  path += std::string(107 - path.size(), 'x');
  const auto listening = Bind(path, kFace, 0660);
  ASSERT_TRUE(listening) << listening.error().message();
  ExpectRefused(path + "x", ErrorCode::kConfiguration, "has 108 bytes, but the kernel allows 107");
  ExpectRefused("", ErrorCode::kConfiguration, "empty");
  ExpectRefused(directory_ / std::string("a\0b", 3), ErrorCode::kConfiguration, "NUL");
}

TEST_F(ListenerTest, ReplacesASocketThatNobodyAnswersOn) {
  { ASSERT_TRUE(Bind(directory_ / "socket", kFace, 0660)); }
  EXPECT_FALSE(Client().Connect(directory_ / "socket"));
  const auto listening = Bind(directory_ / "socket", kFace, 0660);
  ASSERT_TRUE(listening) << listening.error().message();
  EXPECT_TRUE(Client().Connect(directory_ / "socket"));
}

TEST_F(ListenerTest, LeavesASocketAloneThatIsInUse) {
  const auto listening = Bind(directory_ / "socket", kFace, 0660);
  ASSERT_TRUE(listening);
  ExpectRefused(directory_ / "socket", ErrorCode::kConflict, "another process answers");
  EXPECT_TRUE(Client().Connect(directory_ / "socket"));
}

TEST_F(ListenerTest, LeavesForeignFilesAlone) {
  std::ofstream(directory_ / "file") << "precious";
  ExpectRefused(directory_ / "file", ErrorCode::kConfiguration, "not a socket");
  EXPECT_EQ(std::filesystem::file_size(directory_ / "file"), 8U);
  std::filesystem::create_symlink(directory_ / "elsewhere", directory_ / "link");
  ExpectRefused(directory_ / "link", ErrorCode::kConfiguration, "not a socket");
  std::filesystem::create_directory(directory_ / "folder");
  ExpectRefused(directory_ / "folder", ErrorCode::kConfiguration, "not a socket");
}

TEST_F(ListenerTest, RefusesDirectoriesThatOthersCanWrite) {
  std::filesystem::create_directory(directory_ / "open");
  for (const mode_t mode : {0777U, 0775U, 0757U}) {
    ASSERT_EQ(::chmod((directory_ / "open").c_str(), mode), 0);
    ExpectRefused(directory_ / "open/socket", ErrorCode::kConfiguration, "chmod go-w");
  }
  ASSERT_EQ(::chmod((directory_ / "open").c_str(), 01777), 0);
  EXPECT_TRUE(Bind(directory_ / "open/socket", kFace, 0660));
}

// Only root can give files away; for others the same lines pass over what they cannot set up.
TEST_F(ListenerTest, RefusesWhatBelongsToAnotherUser) {
  constexpr uid_t kOther = 65534;
  { ASSERT_TRUE(Bind(directory_ / "socket", kFace, 0660)); }
  std::filesystem::create_directory(directory_ / "theirs");
  const bool is_root = ::geteuid() == 0;
  EXPECT_EQ(::lchown((directory_ / "socket").c_str(), kOther, kOther) == 0, is_root);
  EXPECT_EQ(::lchown((directory_ / "theirs").c_str(), kOther, kOther) == 0, is_root);
  if (!is_root) return;
  ExpectRefused(directory_ / "socket", ErrorCode::kConfiguration, "socket of another user");
  ExpectRefused(directory_ / "theirs/socket", ErrorCode::kConfiguration, "belongs to another user");
}

}  // namespace
}  // namespace claviger::server
