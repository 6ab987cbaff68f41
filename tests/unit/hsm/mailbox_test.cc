#include "hsm/mailbox.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>

#include "hsm/token_client.h"

namespace claviger::hsm {
namespace {

std::shared_ptr<CallBatch> Batch(std::size_t calls, CallBatch::MacCallback callback) {
  std::vector<MacRequest> requests;
  for (std::size_t i = 0; i < calls; ++i) {
    requests.push_back({TokenPurpose::kVerify, {static_cast<std::uint8_t>(i)}});
  }
  return std::make_shared<CallBatch>(std::move(requests), std::move(callback));
}

ReplyFrame& WithMac(ReplyFrame& reply, std::uint8_t value) {
  reply.SetPayload(std::vector<std::uint8_t>(32, value));
  return reply;
}

TEST(CallBatch, EndsWithItsLastReplyInTheOrderOfItsRequests) {
  int calls = 0;
  std::vector<Mac> made;
  const auto batch = Batch(3, [&](Result<std::vector<Mac>> macs) {
    ++calls;
    made = *macs;
  });
  ReplyFrame reply;
  batch->Accept(2, WithMac(reply, 2));
  batch->Accept(0, WithMac(reply, 0));
  EXPECT_FALSE(batch->ended());
  batch->Accept(1, WithMac(reply, 1));
  EXPECT_TRUE(batch->ended());
  batch->Fail(Error(ErrorCode::kUnavailable, "late"));
  EXPECT_EQ(calls, 1);
  ASSERT_EQ(made.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(made[i][0], i);
}

TEST(CallBatch, FailsOnceAndIgnoresLateReplies) {
  int failures = 0;
  const auto batch = Batch(1, [&](Result<std::vector<Mac>> macs) {
    if (!macs) ++failures;
  });
  batch->Fail(Error(ErrorCode::kUnavailable, "lost"));
  batch->Fail(Error(ErrorCode::kUnavailable, "lost again"));
  ReplyFrame reply;
  batch->Accept(0, WithMac(reply, 1));
  EXPECT_EQ(failures, 1);
}

TEST(CallBatch, AsksForRandomBytesOfEveryLength) {
  for (const std::size_t length : {1u, 255u, 256u}) {
    std::size_t given = 0;
    CallBatch batch({Op::kRandom, {static_cast<std::uint8_t>(length % 256)}, length},
                    [&](Result<std::span<const std::uint8_t>> bytes) { given = bytes->size(); });
    EXPECT_EQ(batch.random_length(), length);
    RequestFrame request;
    batch.Fill(0, request);
    EXPECT_EQ(request.op, static_cast<std::uint16_t>(Op::kRandom));
    ASSERT_EQ(request.length, 1u);
    EXPECT_EQ(request.input[0], length % 256);
    ReplyFrame reply;
    reply.SetPayload(std::vector<std::uint8_t>(length, 9));
    batch.Accept(0, reply);
    EXPECT_EQ(given, length);
  }
}

TEST(Mailbox, RefusesCallsUntilItIsOpenAndAfterItIsClosed) {
  Mailbox mailbox;
  const auto ignore = [](Result<std::vector<Mac>>) {};
  EXPECT_FALSE(mailbox.Submit(Batch(1, ignore)));
  mailbox.Open();
  EXPECT_TRUE(mailbox.Submit(Batch(1, ignore)));
  const auto waiting = mailbox.Close(Error(ErrorCode::kUnavailable, "the token is gone"));
  EXPECT_EQ(waiting.size(), 1u);
  const Status refused = mailbox.Submit(Batch(1, ignore));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(), "the token is gone");
}

TEST(Mailbox, RefusesMoreCallsThanItHolds) {
  Mailbox mailbox;
  mailbox.Open();
  const auto ignore = [](Result<std::vector<Mac>>) {};
  Status submitted = Ok();
  int batches = 0;
  while (submitted && batches < 100) {
    submitted = mailbox.Submit(Batch(5000, ignore));
    ++batches;
  }
  ASSERT_FALSE(submitted);
  EXPECT_EQ(submitted.error().code(), ErrorCode::kBusy);
  std::deque<std::shared_ptr<CallBatch>> taken;
  mailbox.TakeCalls(taken);
  EXPECT_TRUE(mailbox.Submit(Batch(1, ignore)));
}

TEST(Mailbox, WakesTheThreadThatWaits) {
  Mailbox mailbox;
  pollfd watched{mailbox.wakeup().fd(), POLLIN, 0};
  EXPECT_EQ(poll(&watched, 1, 0), 0);
  std::atomic<bool> ran{false};
  std::thread other([&] { mailbox.Post([&] { ran = true; }); });
  EXPECT_EQ(poll(&watched, 1, -1), 1);
  other.join();
  mailbox.wakeup().Drain();
  EXPECT_EQ(poll(&watched, 1, 0), 0);
  ASSERT_TRUE(mailbox.HasCommand());
  (*mailbox.TakeCommand())();
  EXPECT_TRUE(ran);
  EXPECT_FALSE(mailbox.TakeCommand());
  mailbox.Stop();
  EXPECT_TRUE(mailbox.stopping());
  EXPECT_EQ(poll(&watched, 1, 0), 1);
}

TEST(Mailbox, SignalsNoCallWhileItsThreadIsAwake) {
  Mailbox mailbox;
  mailbox.Open();
  const auto ignore = [](Result<std::vector<Mac>>) {};
  pollfd watched{mailbox.wakeup().fd(), POLLIN, 0};
  mailbox.SetAwake();
  ASSERT_TRUE(mailbox.Submit(Batch(1, ignore)));
  EXPECT_EQ(poll(&watched, 1, 0), 0);
  EXPECT_TRUE(mailbox.Park(nullptr)) << "the call must be found before the thread waits";
  std::deque<std::shared_ptr<CallBatch>> taken;
  mailbox.TakeCalls(taken);
  EXPECT_FALSE(mailbox.Park(nullptr));
  ASSERT_TRUE(mailbox.Submit(Batch(1, ignore)));
  EXPECT_EQ(poll(&watched, 1, 0), 1);
}

TEST(Mailbox, GivesACallToTheSenderUnlessItDeclinesOrOthersWait) {
  Mailbox mailbox;
  mailbox.Open();
  const auto ignore = [](Result<std::vector<Mac>>) {};
  bool takes = true;
  int asked = 0;
  const Mailbox::Sender sender = [&](const std::shared_ptr<CallBatch>&) {
    ++asked;
    return takes;
  };
  pollfd watched{mailbox.wakeup().fd(), POLLIN, 0};
  EXPECT_FALSE(mailbox.Park(&sender));
  ASSERT_TRUE(mailbox.Submit(Batch(1, ignore)));
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(poll(&watched, 1, 0), 0);
  takes = false;
  ASSERT_TRUE(mailbox.Submit(Batch(1, ignore)));
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(poll(&watched, 1, 0), 1);
  takes = true;
  ASSERT_TRUE(mailbox.Submit(Batch(1, ignore)));  // keeps its place behind the one that waits
  EXPECT_EQ(asked, 2);
  std::deque<std::shared_ptr<CallBatch>> taken;
  mailbox.TakeCalls(taken);
  EXPECT_EQ(taken.size(), 2U);
  mailbox.SetAwake();
  ASSERT_TRUE(mailbox.Submit(Batch(1, ignore)));
  EXPECT_EQ(asked, 2);
}

TEST(TokenState, HasADistinctNameForEachState) {
  std::set<std::string_view> names;
  for (int state = 0; state <= static_cast<int>(TokenState::kFailed); ++state) {
    names.insert(TokenStateName(static_cast<TokenState>(state)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(TokenState::kFailed) + 1);
  EXPECT_EQ(TokenStateName(TokenState::kPinRefused), "pin_refused");
}

}  // namespace
}  // namespace claviger::hsm
