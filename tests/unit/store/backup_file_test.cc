#include "daemon/store/backup_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/unit/store/sample.h"

namespace claviger::store {
namespace {

BackupHeader SampleHeader() {
  BackupHeader header;
  header.made_at = 1790000000;
  header.installation = "00112233445566778899aabbccddeeff";
  header.serials = {"0123456789abcdef"};
  header.check_values.fill("0011223344556677");
  header.content = {2, 7, 9, {}};
  header.nonce.fill(0x42);
  return header;
}

void Write(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Stands for the token.
Mac MacOf(const Sha256Digest& digest) { return HmacSha256(SampleKey().ExposeBytes(), digest); }

class BackupFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string database;
    for (int i = 0; i < 3000; ++i) database.push_back(static_cast<char>(i * 7));
    Write(database_, database);
    const Status written = WriteBackupFile(path_, SampleHeader(), database_,
                                           [](const Sha256Digest& digest) { return MacOf(digest); });
    ASSERT_TRUE(written) << written.error().message();
  }
  // Whether the file is what the token made.
  bool Good() {
    const auto content = ReadBackupFile(path_, "");
    return content && MacOf(content->digest) == content->mac;
  }

  const TempFolder folder_;
  const std::string database_ = folder_.File("database");
  const std::string path_ = folder_.File("x.clvbak");
};

TEST_F(BackupFileTest, GivesBackWhatWasPutIn) {
  const std::string extracted = folder_.File("extracted");
  const auto content = ReadBackupFile(path_, extracted);
  ASSERT_TRUE(content) << content.error().message();
  BackupHeader expected = SampleHeader();
  expected.database_bytes = 3000;
  EXPECT_EQ(content->header, expected);
  EXPECT_EQ(content->mac, MacOf(content->digest));
  EXPECT_EQ(Read(extracted), Read(database_));
  struct stat status {};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
}

TEST_F(BackupFileTest, AnyFlippedBitIsNoticed) {
  const std::string whole = Read(path_);
  const std::size_t head = whole.find("\n\n") + 2;
  const std::size_t mac = whole.rfind("mac ");
  // Of the database's bytes, some stand for all.
  for (std::size_t at = 0; at<whole.size(); at += at> head && at + 41 < mac ? 41 : 1) {
    for (const char flip : {char{1}, char{32}}) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      Write(path_, changed);
      ASSERT_FALSE(Good()) << "byte " << at;
    }
  }
  Write(path_, whole);
  EXPECT_TRUE(Good());
}

TEST_F(BackupFileTest, AFileThatIsTooShortOrTooLongIsNoticed) {
  const std::string whole = Read(path_);
  for (std::size_t size = 0; size < whole.size(); size += 13) {
    Write(path_, whole.substr(0, size));
    ASSERT_FALSE(ReadBackupHead(path_)) << size;
    ASSERT_FALSE(Good()) << size;
  }
  Write(path_, whole + "\n");
  EXPECT_FALSE(ReadBackupHead(path_));
}

TEST_F(BackupFileTest, LeavesNothingWhenTheTokenGivesNoMac) {
  const std::string other = folder_.File("other.clvbak");
  const Status written = WriteBackupFile(
      other, SampleHeader(), database_,
      [](const Sha256Digest&) -> Result<Mac> { return Error(ErrorCode::kUnavailable, "no token"); });
  EXPECT_FALSE(written);
  EXPECT_FALSE(std::filesystem::exists(other));
}

TEST_F(BackupFileTest, IsNotWrittenOverAnother) {
  const std::string before = Read(path_);
  EXPECT_FALSE(WriteBackupFile(path_, SampleHeader(), database_,
                               [](const Sha256Digest& digest) { return MacOf(digest); }));
  EXPECT_EQ(Read(path_), before);
}

TEST_F(BackupFileTest, AnotherFormatIsSaidToBeNewer) {
  std::string text = Read(path_);
  text.replace(text.find(" 1\n"), 3, " 2\n");
  Write(path_, text);
  const auto head = ReadBackupHead(path_);
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code(), ErrorCode::kUnsupported);
}

TEST_F(BackupFileTest, AHeadHasAtMost4096Bytes) {
  BackupHeader header = SampleHeader();
  header.serials.assign(3, std::string(2000, 's'));
  EXPECT_FALSE(RenderBackupHeader(header));
  header.serials.assign(kMaxBackupSerials + 1, "s");
  EXPECT_FALSE(RenderBackupHeader(header));
  header.serials.resize(kMaxBackupSerials);
  EXPECT_TRUE(RenderBackupHeader(header));
}

TEST_F(BackupFileTest, ADatabaseWithoutEncryptionIsNoticed) {
  Write(database_, "SQLite format 3 and more");
  EXPECT_FALSE(CheckNotPlain(database_));
  Write(database_, "SQL");
  EXPECT_TRUE(CheckNotPlain(database_));
}

}  // namespace
}  // namespace claviger::store
