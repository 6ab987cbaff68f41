#include "client/connection.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <chrono>

#include "client/wiping_storage.h"
#include "tests/unit/client/scripted_server.h"

namespace claviger::client {
namespace {

using std::chrono::milliseconds;

Result<Reply> CallOnce(std::string answer, std::optional<Refusal>* refusal = nullptr) {
  const SocketFolder folder;
  ScriptedServer server(folder.socket(), {std::move(answer)});
  auto connection = Connection::Open(folder.socket());
  if (!connection) return connection.error();
  auto reply = connection->Call("a.B", {});
  if (refusal != nullptr && connection->refusal()) {
    *refusal = Refusal{connection->refusal()->wire_name, connection->refusal()->parameters};
  }
  return reply;
}

TEST(Connection, SendsOneFrameAndReturnsTheReplysParameters) {
  const SocketFolder folder;
  ScriptedServer server(folder.socket(), {Frame(R"({"parameters":{"valid":true}})"), Frame("{}")});
  auto connection = Connection::Open(folder.socket());
  ASSERT_TRUE(connection);
  const auto reply = connection->Call("io.claviger.Verify.WhoAmI", {{"text", "a\"b"}, {"number", 7}});
  ASSERT_TRUE(reply) << reply.error().message();
  EXPECT_TRUE(reply->parameters.at("valid").as_bool());
  EXPECT_TRUE(reply->key.empty());
  const auto second = connection->Call("io.claviger.Admin.Lock", {});
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->parameters.empty());
  const auto& requests = server.Requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0], R"({"method":"io.claviger.Verify.WhoAmI","parameters":{"text":"a\"b","number":7}})");
  EXPECT_EQ(requests[1], R"({"method":"io.claviger.Admin.Lock","parameters":{}})");
}

TEST(Connection, SendsSecretsEscapedBesideTheOtherParameters) {
  const SocketFolder folder;
  ScriptedServer server(folder.socket(), {Frame("{}"), Frame("{}")});
  auto connection = Connection::Open(folder.socket());
  ASSERT_TRUE(connection);
  const Secret pin = Secret::FromText("1\"2\\3\n\xC3\xA4");
  const Secret so_pin = Secret::FromText("so");
  const std::array both = {SecretParameter{"pin", pin}, SecretParameter{"so_pin", so_pin}};
  ASSERT_TRUE(connection->Call("a.B", {{"label", "x"}}, both));
  ASSERT_TRUE(connection->Call("a.B", {}, std::span(both).first(1)));
  const auto& requests = server.Requests();
  ASSERT_EQ(requests.size(), 2U);
  const boost::json::value first = boost::json::parse(requests[0]).at("parameters");
  EXPECT_EQ(first.at("pin").as_string(), "1\"2\\3\n\xC3\xA4");
  EXPECT_EQ(first.at("so_pin").as_string(), "so");
  EXPECT_EQ(first.at("label").as_string(), "x");
  EXPECT_EQ(boost::json::parse(requests[1]).at("parameters").as_object().size(), 1U);
}

TEST(Connection, TakesTheKeyOutOfTheReply) {
  const auto reply = CallOnce(Frame(R"({"parameters":{"key":"clv_secret","record":{"name":"n"}}})"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->key.ExposeText(), "clv_secret");
  EXPECT_FALSE(reply->parameters.contains("key"));
  EXPECT_EQ(reply->parameters.at("record").at("name").as_string(), "n");
  EXPECT_NE(*reply->parameters.storage(), *boost::json::storage_ptr()) << "that memory is not wiped";
}

TEST(Connection, KeepsNameAndParametersOfAnErrorReply) {
  std::optional<Refusal> refusal;
  const auto reply = CallOnce(
      Frame(
          R"({"error":"io.claviger.Admin.Refused","parameters":{"field":"name","message":"name: is empty"}})"),
      &refusal);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error(), Error(ErrorCode::kInvalidArgument, "name: is empty"));
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->wire_name, "io.claviger.Admin.Refused");
  EXPECT_EQ(refusal->parameters.at("field").as_string(), "name");
}

TEST(Connection, ReadsErrorRepliesWithoutParameters) {
  std::optional<Refusal> refusal;
  const auto reply = CallOnce(Frame(R"({"error":"org.varlink.service.PermissionDenied"})"), &refusal);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code(), ErrorCode::kDenied);
  ASSERT_TRUE(refusal);
  EXPECT_TRUE(refusal->parameters.empty());
}

TEST(Connection, ForgetsTheRefusalAtTheNextCall) {
  const SocketFolder folder;
  ScriptedServer server(folder.socket(), {Frame(R"({"error":"io.claviger.Admin.Busy"})"), Frame("{}")});
  auto connection = Connection::Open(folder.socket());
  ASSERT_TRUE(connection);
  const auto refused = connection->Call("a.B", {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kBusy);
  EXPECT_TRUE(connection->refusal());
  ASSERT_TRUE(connection->Call("a.B", {}));
  EXPECT_FALSE(connection->refusal());
}

TEST(Connection, RefusesWhatIsNoReply) {
  for (const char* answer : {"", "rubbish", "[]", "7", R"({"parameters":[]})", R"({"error":7})", "{\"a\":"}) {
    const auto reply = CallOnce(Frame(answer));
    ASSERT_FALSE(reply) << answer;
    EXPECT_EQ(reply.error().code(), ErrorCode::kCorrupt) << answer;
  }
  const auto doubled = CallOnce(Frame("{}") + Frame("{}"));
  ASSERT_FALSE(doubled);
  EXPECT_EQ(doubled.error().code(), ErrorCode::kCorrupt);
}

TEST(Connection, SaysWhenTheDaemonClosesInsteadOfAnswering) {
  const SocketFolder folder;
  ScriptedServer server(folder.socket(), {"{\"param"});
  auto connection = Connection::Open(folder.socket());
  ASSERT_TRUE(connection);
  const auto reply = connection->Call("a.B", {});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code(), ErrorCode::kUnavailable);
  EXPECT_FALSE(connection->refusal());
  const auto again = connection->Call("a.B", {});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), ErrorCode::kUnavailable);
}

TEST(Connection, KnowsWhetherACallWasLostBeforeTheReply) {
  const SocketFolder folder;
  ScriptedServer server(folder.socket(), {Frame("{}"), ""});
  auto connection = Connection::Open(folder.socket());
  ASSERT_TRUE(connection);
  ASSERT_TRUE(connection->Call("a.B", {}));
  EXPECT_EQ(connection->loss(), Loss::kNone);
  ASSERT_FALSE(connection->Call("a.B", {}));
  EXPECT_EQ(connection->loss(), Loss::kBeforeTheReply);
  ASSERT_FALSE(connection->Call("a.B", {}));
  EXPECT_EQ(connection->loss(), Loss::kBeforeTheCall);
}

TEST(Connection, KnowsThatACallNeverReachedADaemonThatHasGone) {
  const SocketFolder folder;
  const UniqueFd listener = ListenAt(folder.socket());
  auto connection = Connection::Open(folder.socket());
  ASSERT_TRUE(connection);
  UniqueFd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)).Reset();
  ASSERT_FALSE(connection->Call("a.B", {}));
  EXPECT_EQ(connection->loss(), Loss::kBeforeTheCall);
}

TEST(Connection, TakesAConnectionThatIsResetForACallWithoutReply) {
  const SocketFolder folder;
  const UniqueFd listener = ListenAt(folder.socket());
  auto connection = Connection::Open(folder.socket());
  ASSERT_TRUE(connection);
  UniqueFd peer(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  std::thread closing([&] {
    char first = 0;
    (void)::recv(peer.get(), &first, 1, 0);  // the rest stays unread
    peer.Reset();
  });
  ASSERT_FALSE(connection->Call("a.B", {}));
  EXPECT_EQ(connection->loss(), Loss::kBeforeTheReply);
  closing.join();
}

TEST(Connection, TakesNeitherRefusalsNorHalfRepliesForLost) {
  for (const std::string& answer :
       {Frame(R"({"error":"io.claviger.Admin.Busy"})"), std::string("{\"param")}) {
    const SocketFolder folder;
    ScriptedServer server(folder.socket(), {answer});
    auto connection = Connection::Open(folder.socket());
    ASSERT_TRUE(connection);
    ASSERT_FALSE(connection->Call("a.B", {}));
    EXPECT_EQ(connection->loss(), Loss::kNone) << answer;
  }
}

TEST(Connection, GivesUpAtItsTimeout) {
  const SocketFolder folder;
  const UniqueFd listener = ListenAt(folder.socket());
  auto connection = Connection::Open(folder.socket(), milliseconds(20));
  ASSERT_TRUE(connection);
  const auto reply = connection->Call("a.B", {});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code(), ErrorCode::kUnavailable);
}

TEST(Connection, NamesAParameterThatIsNotUtf8AndSendsNothing) {
  const SocketFolder folder;
  ScriptedServer server(folder.socket(), {Frame("{}")});
  auto connection = Connection::Open(folder.socket());
  ASSERT_TRUE(connection);
  const auto plain = connection->Call("a.B", {{"name", "\xFF"}});
  ASSERT_FALSE(plain);
  EXPECT_EQ(plain.error(), Error(ErrorCode::kInvalidArgument, "name: is not UTF-8 text"));
  const Secret bad = Secret::FromText("\xC3");
  const std::array secrets = {SecretParameter{"pin", bad}};
  const auto secret = connection->Call("a.B", {}, secrets);
  ASSERT_FALSE(secret);
  EXPECT_EQ(secret.error().message(), "pin: is not UTF-8 text");
  ASSERT_TRUE(connection->Call("a.B", {}));
  EXPECT_EQ(server.Requests().size(), 1U);
}

TEST(Connection, ReadsRepliesOfManyPieces) {
  const std::string text(300'000, 'x');
  const auto reply = CallOnce(Frame(R"({"parameters":{"text":")" + text + R"("}})"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->parameters.at("text").as_string(), text);
}

}  // namespace
}  // namespace claviger::client
