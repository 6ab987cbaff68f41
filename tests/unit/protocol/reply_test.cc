#include "protocol/reply.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "base/secret.h"

namespace claviger::protocol {
namespace {

using namespace std::string_literals;

std::string Text(const WipingBuffer& out) { return std::string(out.begin(), out.end()); }

std::string ReplyTo(const Error& error) {
  WipingBuffer out;
  AppendError(out, error);
  return Text(out);
}

TEST(Reply, IsOneObjectAndANul) {
  WipingBuffer out;
  AppendReply(out, {{"a", 1}, {"b", nullptr}});
  AppendReply(out, {});
  EXPECT_EQ(Text(out), "{\"parameters\":{\"a\":1,\"b\":null}}\0{\"parameters\":{}}\0"s);
}

TEST(Reply, HoldsObjectsOfAnySize) {
  for (const std::size_t size : {1U, 4093U, 4094U, 4095U, 4096U, 4097U, 100000U}) {
    const std::string text(size, 'x');
    WipingBuffer out;
    AppendReply(out, {{"a", text}});
    EXPECT_EQ(Text(out), "{\"parameters\":{\"a\":\"" + text + "\"}}\0"s);
  }
}

TEST(Reply, PutsTheSecretFirst) {
  const Secret secret = Secret::FromText("clv_0123");
  WipingBuffer out;
  AppendReplyWithSecret(out, "key", secret, {{"record", {{"name", "n"}}}});
  AppendReplyWithSecret(out, "key", secret, {});
  EXPECT_EQ(Text(out),
            "{\"parameters\":{\"key\":\"clv_0123\",\"record\":{\"name\":\"n\"}}}\0"
            "{\"parameters\":{\"key\":\"clv_0123\"}}\0"s);
}

TEST(Reply, NamesErrorsWithTheirParameters) {
  WipingBuffer out;
  AppendError(out, "io.claviger.Admin.KeyNotFound", {{"key_id", "x"}});
  EXPECT_EQ(Text(out), "{\"error\":\"io.claviger.Admin.KeyNotFound\",\"parameters\":{\"key_id\":\"x\"}}\0"s);
  out.clear();
  AppendInvalidParameter(out, "sco\"pe");
  EXPECT_EQ(
      Text(out),
      "{\"error\":\"org.varlink.service.InvalidParameter\",\"parameters\":{\"parameter\":\"sco\\\"pe\"}}\0"s);
}

TEST(Reply, TellsErrorsAsTheirTypesSay) {
  EXPECT_EQ(ReplyTo(Error(ErrorCode::kDenied, "no")),
            "{\"error\":\"org.varlink.service.PermissionDenied\",\"parameters\":{}}\0"s);
  EXPECT_EQ(ReplyTo(Error(ErrorCode::kInvalidArgument, "why")),
            "{\"error\":\"io.claviger.Admin.Refused\",\"parameters\":{\"message\":\"why\"}}\0"s);
  EXPECT_EQ(ReplyTo(Error(ErrorCode::kLimitExceeded, "why")),
            "{\"error\":\"io.claviger.Admin.Refused\",\"parameters\":{\"message\":\"why\"}}\0"s);
  EXPECT_EQ(
      ReplyTo(Error(ErrorCode::kUnavailable, "why")),
      "{\"error\":\"io.claviger.Admin.Unavailable\",\"parameters\":{\"message\":\"why\",\"unknown_outcome\":false}}\0"s);
  EXPECT_EQ(ReplyTo(Error(ErrorCode::kInternal, "why")),
            "{\"error\":\"io.claviger.Admin.Internal\",\"parameters\":{\"message\":\"why\"}}\0"s);
}

TEST(JsonString, EscapesWhatJsonWantsEscapedAndNothingElse) {
  std::string all;
  for (int c = 0; c < 0x80; ++c) all.push_back(static_cast<char>(c));
  all += "\xc3\xa4\xe2\x80\xa8\xf0\x9f\x94\x91";
  WipingBuffer out;
  AppendJsonString(out, all);
  EXPECT_EQ(boost::json::parse(Text(out)).as_string(), all);
  out.clear();
  AppendJsonString(out, "a\"b\\c\n\x1f/\x7f");
  EXPECT_EQ(Text(out), "\"a\\\"b\\\\c\\u000a\\u001f/\x7f\"");
  out.clear();
  AppendJsonString(out, "");
  EXPECT_EQ(Text(out), "\"\"");
}

}  // namespace
}  // namespace claviger::protocol
