#include "daemon/server/reply_queue.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/server/toy_dispatcher.h"

namespace claviger::server {
namespace {

using std::chrono::seconds;

constexpr SteadyTime kStart{};

class ReplyQueueTest : public testing::Test {
 protected:
  std::uint64_t Push(int deadline = 10) { return queue_.Push(kStart + seconds(deadline), ToBuffer("late;")); }
  void Behind(std::string_view text) {
    WipingBuffer& tail = queue_.Tail();
    tail.insert(tail.end(), text.begin(), text.end());
    queue_.NoteTail(text.size());
  }
  std::string Ready() {
    WipingBuffer out;
    intact_ = queue_.MoveReady(out);
    return std::string(out.begin(), out.end());
  }

  ReplyQueue queue_;
  bool intact_ = true;
};

TEST_F(ReplyQueueTest, GivesRepliesInOrderOnly) {
  const auto first = Push();
  Behind("a;");
  const auto second = Push();
  const auto third = Push();
  Behind("b;");
  Behind("c;");
  queue_.Complete(third, ToBuffer("3;"));
  EXPECT_EQ(Ready(), "");
  queue_.Complete(first, ToBuffer("1;"));
  EXPECT_EQ(Ready(), "1;a;");
  EXPECT_EQ(queue_.size(), 2U);
  queue_.Complete(second, ToBuffer("2;"));
  EXPECT_EQ(Ready(), "2;3;b;c;");
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(queue_.held_bytes(), 0U);
}

TEST_F(ReplyQueueTest, CountsWhatItHolds) {
  const auto first = Push();
  EXPECT_EQ(queue_.held_bytes(), 5U);
  Behind("abc");
  EXPECT_EQ(queue_.held_bytes(), 8U);
  queue_.Complete(first, ToBuffer("1234567"));
  EXPECT_EQ(queue_.held_bytes(), 10U);
  Push();
  EXPECT_EQ(Ready(), "1234567abc");
  EXPECT_EQ(queue_.held_bytes(), 5U);
  queue_.Clear();
  EXPECT_EQ(queue_.held_bytes(), 0U);
}

TEST_F(ReplyQueueTest, TakesTheFirstReplyOnly) {
  const auto first = Push();
  queue_.Complete(first, ToBuffer("1;"));
  queue_.Complete(first, ToBuffer("again;"));
  queue_.Complete(first, std::nullopt);
  EXPECT_EQ(Ready(), "1;");
  const auto second = Push();
  queue_.Complete(first, ToBuffer("gone;"));
  queue_.Complete(second + 1, ToBuffer("not there yet;"));
  EXPECT_EQ(Ready(), "");
  EXPECT_EQ(queue_.size(), 1U);
}

TEST_F(ReplyQueueTest, FallsBackWhenAPlaceIsDue) {
  const auto first = Push(10);
  Push(5);
  const auto third = Push(20);
  EXPECT_EQ(queue_.next_deadline(), kStart + seconds(5));
  queue_.Expire(kStart + seconds(4));
  queue_.Expire(kStart + seconds(5));
  EXPECT_EQ(queue_.next_deadline(), kStart + seconds(10));
  queue_.Complete(first, ToBuffer("1;"));
  EXPECT_EQ(Ready(), "1;late;");
  queue_.Complete(third, ToBuffer("3;"));
  queue_.Expire(kStart + seconds(100));
  EXPECT_EQ(Ready(), "3;");
  EXPECT_EQ(queue_.next_deadline(), SteadyTime::max());
}

TEST_F(ReplyQueueTest, GivesNothingAfterAReplyThatWillNotCome) {
  const auto first = Push();
  const auto second = Push();
  const auto third = Push();
  queue_.Complete(third, ToBuffer("3;"));
  queue_.Complete(second, std::nullopt);
  EXPECT_EQ(Ready(), "");
  EXPECT_TRUE(intact_);
  queue_.Complete(first, ToBuffer("1;"));
  EXPECT_EQ(Ready(), "1;");
  EXPECT_FALSE(intact_);
  EXPECT_EQ(Ready(), "");
  EXPECT_FALSE(intact_);
}

TEST_F(ReplyQueueTest, KnowsNoOldPlacesOnceCleared) {
  const auto first = Push();
  queue_.Clear();
  EXPECT_TRUE(queue_.empty());
  const auto second = Push();
  EXPECT_NE(first, second);
  queue_.Complete(first, ToBuffer("1;"));
  EXPECT_EQ(Ready(), "");
}

}  // namespace
}  // namespace claviger::server
