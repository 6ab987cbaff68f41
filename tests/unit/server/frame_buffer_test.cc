#include "daemon/server/frame_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "protocol/dispatcher.h"

namespace claviger::server {
namespace {

using namespace std::string_literals;

void Put(FrameBuffer& buffer, std::string_view bytes, std::size_t wanted = 16) {
  const std::span<char> room = buffer.Room(std::max(wanted, bytes.size()));
  ASSERT_GE(room.size(), bytes.size());
  bytes.copy(room.data(), bytes.size());
  buffer.Commit(bytes.size());
}

std::vector<std::string> TakeAll(FrameBuffer& buffer) {
  std::vector<std::string> frames;
  while (const auto frame = buffer.NextFrame()) frames.emplace_back(frame->begin(), frame->end());
  return frames;
}

TEST(FrameBuffer, SplitsAtNuls) {
  FrameBuffer buffer(100);
  EXPECT_TRUE(buffer.empty());
  Put(buffer, "a\0\0bc\0d"s);
  EXPECT_EQ(TakeAll(buffer), (std::vector<std::string>{"a", "", "bc"}));
  EXPECT_FALSE(buffer.empty());
  buffer.Settle();
  Put(buffer, "e\0"s);
  EXPECT_EQ(TakeAll(buffer), std::vector<std::string>{"de"});
  EXPECT_TRUE(buffer.empty());
}

TEST(FrameBuffer, AllowsFramesUpToTheLimit) {
  FrameBuffer buffer(5);
  Put(buffer, "12345\0"s);
  EXPECT_EQ(TakeAll(buffer), std::vector<std::string>{"12345"});
  Put(buffer, "12345"s);
  EXPECT_TRUE(TakeAll(buffer).empty());
  EXPECT_FALSE(buffer.too_long());
  Put(buffer, "\0"s);
  EXPECT_EQ(TakeAll(buffer), std::vector<std::string>{"12345"});
}

TEST(FrameBuffer, TellsThatAFrameIsTooLong) {
  for (const std::string& bytes : {"123456\0"s, "123456"s, "a\0123456"s.substr(0, 2) + "123456"s}) {
    FrameBuffer buffer(5);
    Put(buffer, bytes);
    TakeAll(buffer);
    EXPECT_TRUE(buffer.too_long()) << bytes;
    EXPECT_FALSE(buffer.NextFrame());
  }
}

TEST(FrameBuffer, GivesFramesReadableBytesBehindThem) {
  FrameBuffer buffer(64);
  Put(buffer, std::string(64, 'x') + '\0');
  const auto frame = buffer.NextFrame();
  ASSERT_TRUE(frame);
  int sum = 0;
  for (std::size_t i = 0; i < protocol::kFramePadding; ++i)
    sum += static_cast<unsigned char>(frame->data()[frame->size() + i]);
  EXPECT_GE(sum, 0);  // a sanitizer would tell
}

TEST(FrameBuffer, GivesFramesAgainThatWerePutBack) {
  FrameBuffer buffer(64);
  Put(buffer, "one\0two\0three\0rest"s);
  std::vector<std::span<char>> frames;
  while (const auto frame = buffer.NextFrame()) frames.push_back(*frame);
  ASSERT_EQ(frames.size(), 3U);
  buffer.PutBack(frames[1]);
  EXPECT_EQ(TakeAll(buffer), (std::vector<std::string>{"two", "three"}));
  Put(buffer, "\0"s);
  EXPECT_EQ(TakeAll(buffer), std::vector<std::string>{"rest"});
}

TEST(FrameBuffer, ReturnsLentStorageAndKeepsTheRest) {
  FrameBuffer buffer(100);
  WipingBuffer storage(256 + protocol::kFramePadding);
  const char* lent = storage.data();
  buffer.Lend(std::move(storage));
  Put(buffer, "secret\0res"s);
  EXPECT_EQ(TakeAll(buffer), std::vector<std::string>{"secret"});
  storage = buffer.Settle();
  EXPECT_EQ(storage.data(), lent);
  EXPECT_EQ(std::string(storage.data(), 10), std::string(10, '\0'));
  Put(buffer, "t\0"s);
  EXPECT_EQ(TakeAll(buffer), std::vector<std::string>{"rest"});
  EXPECT_TRUE(buffer.Settle().empty());  // what it has now is its own
}

TEST(FrameBuffer, WipesWhatWasConsumed) {
  FrameBuffer buffer(100);
  Put(buffer, "secret\0x"s, 64);
  const auto frame = buffer.NextFrame();
  ASSERT_TRUE(frame);
  const char* where = frame->data();
  buffer.Settle();
  EXPECT_EQ(std::string(where, 8), "x"s + std::string(7, '\0'));
}

TEST(FrameBuffer, NeverHoldsMoreStorageThanAFrameAndARead) {
  constexpr std::size_t kFrame = 10000;
  constexpr std::size_t kRead = 64;
  FrameBuffer buffer(kFrame);
  std::size_t most = 0;
  while (!buffer.too_long()) {
    const std::span<char> room = buffer.Room(kRead);
    most = std::max(most, room.size());
    std::fill_n(room.begin(), kRead, 'x');
    buffer.Commit(kRead);
    TakeAll(buffer);
    buffer.Settle();
  }
  EXPECT_LE(most, kFrame + 1 + kRead);
}

// Whatever the pieces and the storage, the frames are the same.
TEST(FrameBuffer, DoesNotDependOnHowTheStreamIsCut) {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> frames;
    std::string stream;
    for (int i = 0; i < 30; ++i) {
      frames.emplace_back(random() % 120, static_cast<char>('a' + i % 26));
      (stream += frames.back()) += '\0';
    }
    FrameBuffer buffer(120);
    WipingBuffer storage(200 + protocol::kFramePadding);
    std::vector<std::string> got;
    for (std::size_t at = 0; at < stream.size();) {
      if (buffer.empty() && random() % 2 == 0) buffer.Lend(std::exchange(storage, WipingBuffer()));
      const std::span<char> room = buffer.Room(1 + random() % 50);
      const std::size_t piece = std::min({room.size(), stream.size() - at, 1 + random() % 90});
      stream.copy(room.data(), piece, at);
      buffer.Commit(piece);
      at += piece;
      for (std::string& frame : TakeAll(buffer)) got.push_back(std::move(frame));
      if (random() % 3 != 0) {
        WipingBuffer back = buffer.Settle();
        if (!back.empty()) storage = std::move(back);
      }
    }
    ASSERT_EQ(got, frames) << round;
    EXPECT_TRUE(buffer.empty());
  }
}

}  // namespace
}  // namespace claviger::server
