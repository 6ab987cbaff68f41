#include "client/pipeline.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>

#include "tests/unit/client/scripted_server.h"

namespace claviger::client {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLong{20'000};

Result<Pipeline> OpenWith(const SocketFolder& folder, int calls, milliseconds timeout = kLong) {
  auto pipeline = Pipeline::Open(folder.socket(), timeout);
  for (int i = 0; pipeline && i < calls; ++i) {
    if (!pipeline->Add("a.B", {{"number", i}})) ADD_FAILURE() << "it was not taken";
  }
  return pipeline;
}

TEST(Pipeline, SendsAllCallsBeforeAnAnswerAndGivesTheAnswersInOrder) {
  const SocketFolder folder;
  ScriptedServer server(folder.socket(),
                        {"", "", Frame(R"({"parameters":{"n":0}})") + Frame(R"({"parameters":{"n":1}})"),
                         Frame(R"({"parameters":{"n":2}})") + Frame(R"({"parameters":{"n":3}})")});
  auto pipeline = OpenWith(folder, 4);
  ASSERT_TRUE(pipeline);
  for (int next = 0; next < 4;) {
    const auto answers = pipeline->Take();
    ASSERT_TRUE(answers) << answers.error().message();
    ASSERT_FALSE(answers->empty());
    for (const Answer& answer : *answers) {
      ASSERT_TRUE(answer.reply);
      EXPECT_EQ(answer.reply->parameters.at("n"), next++);
    }
    EXPECT_EQ(pipeline->waiting(), static_cast<std::size_t>(4 - next));
  }
  EXPECT_EQ(server.Requests().at(3), R"({"method":"a.B","parameters":{"number":3}})");
}

TEST(Pipeline, GivesRefusalsAndKeysToTheCallsThatTheyBelongTo) {
  const SocketFolder folder;
  ScriptedServer server(folder.socket(),
                        {Frame(R"({"error":"io.claviger.Admin.Refused","parameters":{"message":"no"}})"),
                         Frame(R"({"parameters":{"key":"clv_secret"}})")});
  auto pipeline = OpenWith(folder, 2);
  ASSERT_TRUE(pipeline);
  std::vector<Answer> all;
  while (pipeline->waiting() > 0) {
    auto answers = pipeline->Take();
    ASSERT_TRUE(answers);
    for (Answer& answer : *answers) all.push_back(std::move(answer));
  }
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].reply.error().message(), "no");
  EXPECT_EQ(all[0].refusal->wire_name, "io.claviger.Admin.Refused");
  EXPECT_EQ(all[1].reply->key.ExposeText(), "clv_secret");
  EXPECT_FALSE(all[1].refusal);
}

TEST(Pipeline, TakesNothingWhereNothingWaits) {
  const SocketFolder folder;
  ScriptedServer server(folder.socket(), {});
  auto pipeline = OpenWith(folder, 0);
  ASSERT_TRUE(pipeline);
  const auto answers = pipeline->Take();
  ASSERT_TRUE(answers);
  EXPECT_TRUE(answers->empty());
}

TEST(Pipeline, AnAnswerThatComesInPiecesIsWhole) {
  const SocketFolder folder;
  ScriptedServer server(folder.socket(), {R"({"parameters":)", Frame(R"({"n":7}})")});
  auto pipeline = OpenWith(folder, 2);  // the second call only draws the second piece
  ASSERT_TRUE(pipeline);
  const auto answers = pipeline->Take();
  ASSERT_TRUE(answers);
  EXPECT_EQ(answers->front().reply->parameters.at("n"), 7);
}

TEST(Pipeline, AnswersThatCameBeforeTheEndOfTheConnectionCount) {
  const SocketFolder folder;
  ScriptedServer server(folder.socket(), {Frame("{}"), Frame("{}")});
  auto pipeline = OpenWith(folder, 3);
  ASSERT_TRUE(pipeline);
  std::size_t got = 0;
  for (;;) {
    const auto answers = pipeline->Take();
    if (!answers) {
      EXPECT_EQ(answers.error().code(), ErrorCode::kUnavailable);
      break;
    }
    got += answers->size();
  }
  EXPECT_EQ(got, 2U);
  EXPECT_EQ(pipeline->waiting(), 1U);
  EXPECT_TRUE(pipeline->closed());
}

TEST(Pipeline, ADaemonThatIsSilentIsNotWaitedForForEver) {
  const SocketFolder folder;
  const UniqueFd listener = ListenAt(folder.socket());
  auto pipeline = OpenWith(folder, 1, milliseconds(50));
  ASSERT_TRUE(pipeline);
  const auto answers = pipeline->Take();
  ASSERT_FALSE(answers);
  EXPECT_EQ(answers.error().code(), ErrorCode::kUnavailable);
  EXPECT_FALSE(pipeline->closed());
}

TEST(Pipeline, WhatIsNoReplyIsRefusedAndWhatCameBeforeItIsNotLost) {
  const SocketFolder folder;
  ScriptedServer server(folder.socket(), {"", "", Frame("{}") + Frame("nonsense") + Frame("{}")});
  auto pipeline = OpenWith(folder, 3);
  ASSERT_TRUE(pipeline);
  const auto first = pipeline->Take();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->size(), 1U);
  const auto second = pipeline->Take();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kCorrupt);
}

TEST(Pipeline, MoreRepliesThanCallsAreRefused) {
  const SocketFolder folder;
  ScriptedServer server(folder.socket(), {Frame("{}") + Frame("{}")});
  auto pipeline = OpenWith(folder, 1);
  ASSERT_TRUE(pipeline);
  const auto answers = pipeline->Take();
  ASSERT_FALSE(answers);
  EXPECT_EQ(answers.error().code(), ErrorCode::kCorrupt);
}

TEST(Pipeline, TextThatIsNotUtf8IsNoCall) {
  const SocketFolder folder;
  ScriptedServer server(folder.socket(), {});
  auto pipeline = OpenWith(folder, 0);
  ASSERT_TRUE(pipeline);
  const Status added = pipeline->Add("a.B", {{"name", "a\xff"}});
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(pipeline->waiting(), 0U);
}

TEST(Pipeline, CallsLargerThanTheSocketHoldsGoOutWhileAnswersComeIn) {
  const SocketFolder folder;
  constexpr int kCalls = 40;
  ScriptedServer server(folder.socket(),
                        std::vector<std::string>(kCalls, Frame(R"({"parameters":{"text":")" +
                                                               std::string(60'000, 'x') + R"("}})")));
  auto pipeline = OpenWith(folder, 0);
  ASSERT_TRUE(pipeline);
  for (int i = 0; i < kCalls; ++i) ASSERT_TRUE(pipeline->Add("a.B", {{"text", std::string(60'000, 'y')}}));
  std::size_t got = 0;
  while (pipeline->waiting() > 0) {
    const auto answers = pipeline->Take();
    ASSERT_TRUE(answers) << answers.error().message();
    got += answers->size();
  }
  EXPECT_EQ(got, static_cast<std::size_t>(kCalls));
}

}  // namespace
}  // namespace claviger::client
