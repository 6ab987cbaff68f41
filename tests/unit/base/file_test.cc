#include "base/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/unique_fd.h"

namespace claviger {
namespace {

using ::testing::HasSubstr;

class FileTest : public ::testing::Test {
 protected:
  FileTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "claviger-file-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~FileTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  std::string Write(const std::string& name, const std::string& content, mode_t mode) const {
    std::ofstream(Path(name)) << content;
    ::chmod(Path(name).c_str(), mode);
    return Path(name);
  }

  std::string folder_;
};

TEST_F(FileTest, ReadsAWholeFileUpToItsLimit) {
  EXPECT_EQ(*ReadFile(Write("a", "0123456789", 0644), 10), "0123456789");
  EXPECT_EQ(*ReadFile(Write("empty", "", 0644), 10), "");
}

TEST_F(FileTest, RefusesAFileLargerThanItsLimit) {
  const auto read = ReadFile(Write("a", "0123456789", 0644), 9);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::kLimitExceeded);
}

TEST_F(FileTest, TellsAMissingFileFromAnUnreadableOne) {
  EXPECT_EQ(ReadFile(Path("missing"), 10).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(ReadFile(folder_, 10).error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(ReadSecretFile(Path("missing"), 10).error().code(), ErrorCode::kNotFound);
}

TEST_F(FileTest, ReadsASecretWithoutOneTrailingNewline) {
  EXPECT_EQ(ReadSecretFile(Write("a", "1234\n", 0400), 64)->ExposeText(), "1234");
  EXPECT_EQ(ReadSecretFile(Write("b", "1234\n\n", 0600), 64)->ExposeText(), "1234\n");
  EXPECT_EQ(ReadSecretFile(Write("c", "1234", 0600), 64)->ExposeText(), "1234");
  EXPECT_TRUE(ReadSecretFile(Write("d", "", 0600), 64)->empty());
  EXPECT_EQ(ReadSecretFile(Write("e", "123456", 0600), 5).error().code(), ErrorCode::kLimitExceeded);
}

TEST_F(FileTest, RefusesASecretThatOthersCanReadOrWrite) {
  for (const mode_t mode : {0604U, 0602U, 0620U, 0666U, 0644U}) {
    const auto read = ReadSecretFile(Write("a", "1234", mode), 64);
    ASSERT_FALSE(read) << mode;
    EXPECT_EQ(read.error().code(), ErrorCode::kDenied);
    EXPECT_THAT(read.error().message(), HasSubstr("chmod 0400"));
    EXPECT_THAT(read.error().message(), Not(HasSubstr("1234")));
  }
}

TEST_F(FileTest, TakesASecretOfTheGroupOnlyFromRoot) {
  const std::string path = Write("a", "1234", 0440);
  // In a folder of a group of its own, a file of root:root is what systemd makes of a credential.
  const bool of_root = ::geteuid() == 0 && ::chown(path.c_str(), 0, 0) == 0;
  EXPECT_EQ(ReadSecretFile(path, 64).has_value(), of_root);
}

TEST_F(FileTest, RefusesASecretOfAnotherUser) {
  const std::string path = Write("a", "1234", 0400);
  if (::chown(path.c_str(), 65534, 65534) != 0) {
    // Only root can make such a file; without it, every file here is this user's own.
    EXPECT_EQ(ReadSecretFile(path, 64)->ExposeText(), "1234");
    return;
  }
  const auto read = ReadSecretFile(path, 64);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::kDenied);
  EXPECT_THAT(read.error().message(), HasSubstr("chown"));
}

TEST_F(FileTest, RefusesASecretThatIsNoRegularFile) {
  const std::string target = Write("a", "1234", 0400);
  ASSERT_EQ(::symlink(target.c_str(), Path("link").c_str()), 0);
  ASSERT_EQ(::mkfifo(Path("fifo").c_str(), 0600), 0);
  EXPECT_EQ(ReadSecretFile(Path("link"), 64).error().code(), ErrorCode::kDenied);
  EXPECT_EQ(ReadSecretFile(Path("fifo"), 64).error().code(), ErrorCode::kDenied);
  EXPECT_EQ(ReadSecretFile(folder_, 64).error().code(), ErrorCode::kDenied);
}

TEST_F(FileTest, ReplacesAFileWholeWithTheAskedMode) {
  ASSERT_TRUE(ReplaceFile(Path("a"), "first", 0600));
  ASSERT_TRUE(ReplaceFile(Path("a"), "second and longer", 0640));
  EXPECT_EQ(*ReadFile(Path("a"), 100), "second and longer");
  struct stat status {};
  ASSERT_EQ(::stat(Path("a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0640U);
}

TEST_F(FileTest, AReplacementThatFailsLeavesNothingBehind) {
  ASSERT_EQ(::mkdir(Path("taken").c_str(), 0700), 0);
  EXPECT_FALSE(ReplaceFile(Path("taken"), "content", 0600)) << "a folder cannot be replaced by a file";
  EXPECT_FALSE(ReplaceFile(Path("missing/a"), "content", 0600));
  const std::filesystem::directory_iterator entries(folder_);
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST_F(FileTest, ReplacesAFileOfTheWorkingFolder) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder_);
  EXPECT_TRUE(ReplaceFile("plain", "content", 0600));
  std::filesystem::current_path(before);
  EXPECT_EQ(*ReadFile(Path("plain"), 100), "content");
}

TEST_F(FileTest, AUniqueFdClosesWhatItOwns) {
  const std::string path = Write("a", "", 0600);
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const int number = fd.get();
  ASSERT_TRUE(fd);
  UniqueFd moved = std::move(fd);
  EXPECT_EQ(moved.get(), number);
  EXPECT_NE(::fcntl(number, F_GETFD), -1);
  moved.Reset();
  EXPECT_EQ(::fcntl(number, F_GETFD), -1);
}

}  // namespace
}  // namespace claviger
