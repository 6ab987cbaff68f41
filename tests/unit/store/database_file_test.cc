#include "daemon/store/database_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/store/sample.h"

namespace claviger::store {
namespace {

mode_t ModeOf(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777;
}

TEST(DatabaseFileTest, LocksOutASecondOpenerUntilTheFirstGoes) {
  const TempFolder folder;
  Result<UniqueFd> first = LockDatabase(folder.File("db"));
  ASSERT_TRUE(first);
  Result<UniqueFd> second = LockDatabase(folder.File("db"));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kConflict);
  first->Reset();
  EXPECT_TRUE(LockDatabase(folder.File("db")));
}

TEST(DatabaseFileTest, MakesFilesThatOnlyTheirOwnerCanReadWhateverTheUmask) {
  const TempFolder folder;
  const mode_t before = umask(0);
  Result<UniqueFd> lock = LockDatabase(folder.File("a"));
  Result<bool> made = PrepareDatabaseFile(folder.File("a"));
  umask(0777);
  Result<bool> made_too = PrepareDatabaseFile(folder.File("b"));
  umask(before);
  ASSERT_TRUE(lock);
  ASSERT_TRUE(made && *made);
  ASSERT_TRUE(made_too && *made_too);
  EXPECT_EQ(ModeOf(folder.File("a")), 0600U);
  EXPECT_EQ(ModeOf(folder.File("a.lock")), 0600U);
  EXPECT_EQ(ModeOf(folder.File("b")), 0600U);
}

TEST(DatabaseFileTest, TakesAnExistingFilesModeBack) {
  const TempFolder folder;
  std::ofstream(folder.File("db")) << "content";
  std::filesystem::permissions(folder.File("db"), std::filesystem::perms(0644));
  Result<bool> made = PrepareDatabaseFile(folder.File("db"));
  ASSERT_TRUE(made);
  EXPECT_FALSE(*made);
  EXPECT_EQ(ModeOf(folder.File("db")), 0600U);
  EXPECT_EQ(std::filesystem::file_size(folder.File("db")), 7U);
}

TEST(DatabaseFileTest, RefusesWhatIsNoRegularFile) {
  const TempFolder folder;
  ASSERT_EQ(mkfifo(folder.File("fifo").c_str(), 0600), 0);
  Result<bool> fifo = PrepareDatabaseFile(folder.File("fifo"));
  ASSERT_FALSE(fifo);
  EXPECT_EQ(fifo.error().code(), ErrorCode::kConflict);
  std::ofstream(folder.File("target")) << "content";
  std::filesystem::create_symlink(folder.File("target"), folder.File("link"));
  EXPECT_FALSE(PrepareDatabaseFile(folder.File("link")));
}

TEST(DatabaseFileTest, NamesTheMissingFolder) {
  const TempFolder folder;
  Result<UniqueFd> lock = LockDatabase(folder.File("missing/db"));
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(lock.error().message(), testing::HasSubstr("missing/db.lock"));
  EXPECT_FALSE(SyncFolderOf(folder.File("missing/db")));
  EXPECT_TRUE(SyncFolderOf(folder.File("db")));
}

}  // namespace
}  // namespace claviger::store
