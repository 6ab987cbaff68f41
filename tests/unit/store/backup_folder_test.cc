#include "daemon/store/backup_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/store/sample.h"

namespace claviger::store {
namespace {

constexpr UnixSeconds kTime = 1790000000;  // 2026-09-21T14:13:20Z

class BackupFolderTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(backups_.Prepare()); }
  void Put(const std::string& name) { std::ofstream(backups_.PathOf(name)) << "x"; }
  std::vector<std::string> Names() {
    Result<std::vector<std::string>> names = backups_.Names();
    EXPECT_TRUE(names);
    return names ? *names : std::vector<std::string>();
  }

  const TempFolder folder_;
  const BackupFolder backups_{folder_.File("backups")};
};

TEST(BackupName, HasTheTimeAndFromTheSecondOnANumber) {
  EXPECT_EQ(BackupName(kTime, 1), "claviger-20260921T141320Z.clvbak");
  EXPECT_EQ(BackupName(kTime, 2), "claviger-20260921T141320Z-2.clvbak");
  EXPECT_EQ(TimeInBackupName(BackupName(kTime, 2)), kTime);
  EXPECT_EQ(TimeInBackupName("mine.clvbak"), std::nullopt);
}

TEST(BackupName, LeadsOutOfNoFolder) {
  EXPECT_TRUE(IsBackupName("mine.clvbak"));
  for (const std::string name :
       {"", ".clvbak", "../x.clvbak", "a/b.clvbak", ".hidden.clvbak", "x.db", "a b.clvbak", "x.clvbak\n"}) {
    EXPECT_FALSE(IsBackupName(name)) << name;
  }
  EXPECT_TRUE(IsBackupName(std::string(kMaxBackupNameBytes - 7, 'x') + ".clvbak"));
  EXPECT_FALSE(IsBackupName(std::string(kMaxBackupNameBytes - 6, 'x') + ".clvbak"));
}

TEST_F(BackupFolderTest, ListsTheNewestFirst) {
  Put(BackupName(kTime, 1));
  Put(BackupName(kTime + 1, 1));
  Put(BackupName(kTime, 2));
  Put("mine.clvbak");
  Put("other.txt");
  EXPECT_EQ(Names(), (std::vector<std::string>{BackupName(kTime + 1, 1), BackupName(kTime, 2),
                                               BackupName(kTime, 1), "mine.clvbak"}));
}

TEST_F(BackupFolderTest, KeepsTheNewestAndWhatSomeoneElseNamed) {
  for (int second = 0; second < 5; ++second) Put(BackupName(kTime + second, 1));
  Put("mine.clvbak");
  const auto removed = backups_.Retain(2);
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->size(), 3U);
  EXPECT_EQ(Names(),
            (std::vector<std::string>{BackupName(kTime + 4, 1), BackupName(kTime + 3, 1), "mine.clvbak"}));
}

TEST_F(BackupFolderTest, RemovesWhatWasNotFinished) {
  Put(std::string(kUnfinishedPrefix) + "backup");
  Put(BackupName(kTime, 1));
  ASSERT_TRUE(backups_.Prepare());
  EXPECT_FALSE(std::filesystem::exists(backups_.PathOf(".making-backup")));
  EXPECT_EQ(Names().size(), 1U);
}

TEST_F(BackupFolderTest, HasNineNamesForOneSecond) {
  for (int number = 1; number <= 9; ++number) {
    const auto name = backups_.FreeName(kTime);
    ASSERT_TRUE(name);
    Put(*name);
  }
  EXPECT_FALSE(backups_.FreeName(kTime));
  EXPECT_EQ(Names().size(), 9U);
}

TEST_F(BackupFolderTest, ListsAtMostAThousand) {
  for (std::size_t number = 0; number <= kMaxListedBackups; ++number) {
    Put("b" + std::to_string(number) + ".clvbak");
  }
  EXPECT_EQ(Names().size(), kMaxListedBackups);
}

TEST(BackupFolder, WithoutAFolderThereIsNone) {
  const TempFolder folder;
  const auto names = BackupFolder(folder.File("none")).Names();
  ASSERT_TRUE(names);
  EXPECT_TRUE(names->empty());
}

}  // namespace
}  // namespace claviger::store
