#include "daemon/api/sealed_pieces.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/file.h"

namespace claviger::api {
namespace {

SealedKeySource KeyOf(std::uint8_t seed) {
  return [seed](const SealedNonce& nonce) -> Result<Secret> {
    SealedNonce key = nonce;
    for (std::uint8_t& byte : key) byte = static_cast<std::uint8_t>(byte ^ seed);
    return Secret(std::span<const std::uint8_t>(key));
  };
}

class SealedPiecesTest : public ::testing::Test {
 protected:
  SealedPiecesTest() {
    std::string folder = "/tmp/claviger-pieces-XXXXXX";
    folder_ = ::mkdtemp(folder.data());
    path_ = folder_ + "/file";
  }
  ~SealedPiecesTest() override {
    for (const std::string& name : {path_, SealedPieceWriter::UnfinishedPath(path_)}) ::unlink(name.c_str());
    ::rmdir(folder_.c_str());
  }

  void Write(const std::vector<std::string>& pieces) const {
    auto writer = SealedPieceWriter::Create(path_, KeyOf(1));
    ASSERT_TRUE(writer);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      WipingBuffer piece(pieces[i].begin(), pieces[i].end());
      ASSERT_TRUE(writer->Write(piece, i + 1 == pieces.size()));
    }
    ASSERT_TRUE(writer->Finish());
  }
  // The pieces up to the end or the first that is refused, as "!".
  std::vector<std::string> Read(std::uint8_t seed = 1) const {
    auto reader = SealedPieceReader::Take(path_, KeyOf(seed));
    if (!reader) return {"?"};
    std::vector<std::string> pieces;
    while (true) {
      const auto piece = reader->Next();
      if (!piece) pieces.emplace_back("!");
      if (!piece || !*piece) break;
      pieces.emplace_back((*piece)->begin(), (*piece)->end());
    }
    const auto behind = reader->Next();
    EXPECT_TRUE(!behind || !*behind) << "nothing follows the end";
    return pieces;
  }
  std::string Bytes() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  void SetBytes(const std::string& bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }

  std::string folder_, path_;
};

using Strings = std::vector<std::string>;

TEST_F(SealedPiecesTest, AreReadAsTheyWereWrittenAndOnlyOnce) {
  const std::string large(kMaxPieceBytes, 'x');
  Write({"first", large, "last"});
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_FALSE(Exists(SealedPieceWriter::UnfinishedPath(path_)));
  EXPECT_EQ(Bytes().find("first"), std::string::npos);
  EXPECT_EQ(Read(), (Strings{"first", large, "last"}));
  EXPECT_FALSE(Exists(path_));
  EXPECT_EQ(Read(), Strings{"?"});
}

TEST_F(SealedPiecesTest, TakeTheNameAwayAlsoFromWhatIsRefused) {
  for (const char* bytes : {"", "claviger snapshot 2\n01234567890123456789012345678901", "something else"}) {
    SetBytes(bytes);
    EXPECT_EQ(Read(), Strings{"?"}) << bytes;
    EXPECT_FALSE(Exists(path_)) << bytes;
  }
  ASSERT_EQ(::symlink("/etc/passwd", path_.c_str()), 0);
  EXPECT_EQ(Read(), Strings{"?"}) << "links are not followed";
  EXPECT_FALSE(Exists(path_));
  EXPECT_TRUE(Exists("/etc/passwd"));
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(Read(), Strings{"?"}) << "nor is anybody waited for";
  Write({"a"});
  auto refused = SealedPieceReader::Take(
      path_, [](const SealedNonce&) -> Result<Secret> { return Error(ErrorCode::kUnavailable, "no token"); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(), "no token");
  EXPECT_FALSE(Exists(path_));
}

TEST_F(SealedPiecesTest, AnotherKeyReadsNothing) {
  Write({"first", "last"});
  EXPECT_EQ(Read(2), Strings{"!"});
}

TEST_F(SealedPiecesTest, EveryChangedByteIsFound) {
  Write({"first", "last"});
  const std::string whole = Bytes();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0x40);
    SetBytes(changed);
    const Strings read = Read();
    ASSERT_FALSE(read.empty());
    ASSERT_TRUE(read.back() == "!" || read.back() == "?") << i;
    ASSERT_TRUE(read.size() == 1 || read == (Strings{"first", "!"})) << i;
  }
}

TEST_F(SealedPiecesTest, WhatIsCutOffIsFoundWhereverThatIs) {
  Write({"first", "last"});
  const std::string whole = Bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    SetBytes(whole.substr(0, size));
    const Strings read = Read();
    ASSERT_TRUE(read.back() == "!" || read.back() == "?") << size;
  }
}

TEST_F(SealedPiecesTest, PiecesCannotBeMovedDoubledOrLeftOut) {
  Write({"aaaaa", "bbbbb", "ccccc"});
  const std::string whole = Bytes();
  constexpr std::size_t kPiece = 4 + 5 + PieceCipher::kTagBytes;
  const std::size_t start = whole.size() - 3 * kPiece;
  const std::string head = whole.substr(0, start), a = whole.substr(start, kPiece),
                    b = whole.substr(start + kPiece, kPiece), c = whole.substr(start + 2 * kPiece);
  SetBytes(head + b + a + c);
  EXPECT_EQ(Read(), Strings{"!"});
  SetBytes(head + a + a + c);
  EXPECT_EQ(Read(), (Strings{"aaaaa", "!"}));
  SetBytes(head + a + c);
  EXPECT_EQ(Read(), (Strings{"aaaaa", "!"}));
  SetBytes(head + a + b);
  EXPECT_EQ(Read(), (Strings{"aaaaa", "bbbbb", "!"}));
  Write({"ddddd", "eeeee", "fffff"});
  SetBytes(Bytes().substr(0, start + kPiece) + b + c);
  EXPECT_EQ(Read(), (Strings{"ddddd", "!"})) << "two files do not make one";
}

TEST_F(SealedPiecesTest, WhatWasNotFinishedIsTakenAway) {
  {
    auto writer = SealedPieceWriter::Create(path_, KeyOf(1));
    ASSERT_TRUE(writer);
    WipingBuffer piece{'a'};
    ASSERT_TRUE(writer->Write(piece, true));
    EXPECT_TRUE(Exists(SealedPieceWriter::UnfinishedPath(path_)));
  }
  EXPECT_FALSE(Exists(SealedPieceWriter::UnfinishedPath(path_)));
  EXPECT_FALSE(Exists(path_));
}

TEST_F(SealedPiecesTest, TakeNoPieceThatIsEmptyOrTooLarge) {
  auto writer = SealedPieceWriter::Create(path_, KeyOf(1));
  ASSERT_TRUE(writer);
  WipingBuffer none, large(kMaxPieceBytes + 1, 'x');
  EXPECT_FALSE(writer->Write(none, true));
  EXPECT_FALSE(writer->Write(large, true));
  EXPECT_FALSE(SealedPieceWriter::Create(path_, [](const SealedNonce&) { return Result<Secret>(Secret()); }))
      << "a key of no length";
  EXPECT_FALSE(SealedPieceWriter::Create(folder_ + "/none/file", KeyOf(1)));
}

}  // namespace
}  // namespace claviger::api
