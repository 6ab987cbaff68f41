#include <gtest/gtest.h>

#include <string>

#include "protocol/call.h"
#include "protocol/limits.h"
#include "tests/unit/protocol/frame.h"

namespace claviger::protocol {
namespace {

using namespace std::string_literals;

class CallParserTest : public testing::Test {
 protected:
  ErrorCode CodeOf(std::string_view text) {
    Frame frame(text);
    const auto call = parser_.Parse(frame.span());
    EXPECT_FALSE(call) << text;
    return call ? ErrorCode::kInternal : call.error().code();
  }

  CallParser parser_{kMaxVerifyFrameBytes};
};

TEST_F(CallParserTest, ReadsAllMembersOfACall) {
  Frame frame(R"({"method":"a.b.C","parameters":{"key":"x"},"more":true,"oneway":false,"upgrade":false})");
  const auto call = parser_.Parse(frame.span());
  ASSERT_TRUE(call);
  EXPECT_EQ(call->method, "a.b.C");
  ASSERT_TRUE(call->parameters);
  EXPECT_EQ(call->parameters->size(), 1U);
  EXPECT_TRUE(call->more);
  EXPECT_FALSE(call->oneway);
}

TEST_F(CallParserTest, TakesAbsentAndNullParametersAlike) {
  for (const char* text : {R"({"method":"a.b.C"})", R"({"method":"a.b.C","parameters":null})"}) {
    Frame frame(text);
    const auto call = parser_.Parse(frame.span());
    ASSERT_TRUE(call) << text;
    EXPECT_FALSE(call->parameters) << text;
    EXPECT_FALSE(call->oneway);
    EXPECT_FALSE(call->more);
  }
}

TEST_F(CallParserTest, AllowsVendorObjectsAndWhiteSpace) {
  Frame frame(
      " {\n\t\"com.example.trace\" : {\"id\":[1,{\"a\":1}]},\"method\":\"a.b.C\", \"oneway\":true} \r\n");
  const auto call = parser_.Parse(frame.span());
  ASSERT_TRUE(call);
  EXPECT_EQ(call->method, "a.b.C");
  EXPECT_TRUE(call->oneway);
}

TEST_F(CallParserTest, ReadsEscapesInNames) {
  Frame frame(R"({"m\u0065thod":"a.b.\u0043"})");
  const auto call = parser_.Parse(frame.span());
  ASSERT_TRUE(call);
  EXPECT_EQ(call->method, "a.b.C");
}

TEST_F(CallParserTest, RefusesWhatIsNotJson) {
  for (const std::string& text : {""s,
                                  " "s,
                                  "{"s,
                                  "}"s,
                                  "{}}"s,
                                  R"({"method":"a.b.C"} x)"s,
                                  R"({"method":"a.b.C"}{})"s,
                                  R"({"method":"a.b.C",})"s,
                                  R"({'method':'a.b.C'})"s,
                                  R"({"method":"a.b.C","more":tru})"s,
                                  R"({"method":"a.b.C" "more":true})"s,
                                  R"({"method":"a.b.C","x.y":{"n":01}})"s,
                                  R"({"method":"a.b.C","x.y":{"n":1e999}})"s,
                                  R"({"method":"a.b.C","x.y":{"n":NaN}})"s,
                                  R"({"method":"a.b.C","x.y":{"n":99999999999999999999}})"s,
                                  "{\"method\":\"a.b.\xff\"}"s,
                                  "{\"method\":\"a.b.\xc0\xaf\"}"s,
                                  "{\"method\":\"a.b.\xed\xa0\x80\"}"s,
                                  R"({"method":"a.b.\ud800"})"s,
                                  R"({"method":"a.b.\x"})"s,
                                  "{\"method\":\"a.b\n.C\"}"s,
                                  "\xef\xbb\xbf{\"method\":\"a.b.C\"}"s,
                                  "/**/{\"method\":\"a.b.C\"}"s,
                                  "{\"method\":\"a.b.C\"}\0"s,
                                  "{\"method\0\":\"a.b.C\"}"s}) {
    EXPECT_EQ(CodeOf(text), ErrorCode::kInvalidArgument) << text;
  }
}

TEST_F(CallParserTest, RefusesDocumentsThatAreNotObjects) {
  for (const char* text : {"[]", "null", "true", "1", R"("method")", R"([{"method":"a.b.C"}])"}) {
    EXPECT_EQ(CodeOf(text), ErrorCode::kInvalidArgument) << text;
  }
}

TEST_F(CallParserTest, RefusesMembersOfWrongTypes) {
  for (const char* text : {R"({"method":1})", R"({"method":null})", R"({"method":["a.b.C"]})",
                           R"({"method":"a.b.C","parameters":[]})", R"({"method":"a.b.C","parameters":"{}"})",
                           R"({"method":"a.b.C","parameters":false})", R"({"method":"a.b.C","oneway":1})",
                           R"({"method":"a.b.C","oneway":null})", R"({"method":"a.b.C","more":"true"})",
                           R"({"method":"a.b.C","upgrade":0})"}) {
    EXPECT_EQ(CodeOf(text), ErrorCode::kInvalidArgument) << text;
  }
}

TEST_F(CallParserTest, RefusesCallsWithoutAMethod) {
  for (const char* text : {"{}", R"({"parameters":{}})", R"({"method":""})"}) {
    EXPECT_EQ(CodeOf(text), ErrorCode::kInvalidArgument) << text;
  }
}

TEST_F(CallParserTest, RefusesUnknownMembers) {
  for (const char* text :
       {R"({"method":"a.b.C","params":{}})", R"({"method":"a.b.C","Method":"a.b.D"})",
        R"({"method":"a.b.C","":{}})", R"({"method":"a.b.C","com.example.x":1})",
        R"({"method":"a.b.C","com.example.x":[]})", R"({"method":"a.b.C","continues":true})"}) {
    EXPECT_EQ(CodeOf(text), ErrorCode::kInvalidArgument) << text;
  }
}

TEST_F(CallParserTest, RefusesDoubledMembersAtEveryDepth) {
  for (const char* text :
       {R"({"method":"a.b.C","method":"a.b.C"})", R"({"method":"a.b.C","parameters":{},"parameters":null})",
        R"({"method":"a.b.C","m\u0065thod":"a.b.D"})",
        R"({"method":"a.b.C","parameters":{"key":"x","key":"y"}})",
        R"({"method":"a.b.C","parameters":{"key":"x","k\u0065y":null}})",
        R"({"method":"a.b.C","parameters":{"a":{"b":1,"c":2,"b":3}}})",
        R"({"method":"a.b.C","parameters":{"a":[[{"b":1,"b":1}]]}})",
        R"({"method":"a.b.C","x.y":{"":1,"":2}})"}) {
    EXPECT_EQ(CodeOf(text), ErrorCode::kInvalidArgument) << text;
  }
}

TEST_F(CallParserTest, RefusesMembersWithoutAName) {
  for (const char* text :
       {R"({"method":"a.b.C","parameters":{"":1}})", R"({"method":"a.b.C","x.y":{"a":[{"":1}]}})"}) {
    EXPECT_EQ(CodeOf(text), ErrorCode::kInvalidArgument) << text;
  }
}

TEST_F(CallParserTest, RefusesObjectsWithTooManyMembers) {
  const auto call_with = [](std::size_t members) {
    std::string text = R"({"method":"a.b.C","parameters":{)";
    for (std::size_t i = 0; i < members; ++i) text += (i == 0 ? "\"p" : ",\"p") + std::to_string(i) + "\":1";
    return text + "}}";
  };
  Frame most(call_with(kMaxJsonMembers));
  EXPECT_TRUE(parser_.Parse(most.span()));
  EXPECT_EQ(CodeOf(call_with(kMaxJsonMembers + 1)), ErrorCode::kInvalidArgument);
}

TEST_F(CallParserTest, RefusesNestingBeyondTheLimit) {
  const auto call_with = [](std::size_t depth) {  // the call itself is one level
    return R"({"method":"a.b.C","x.y":{"a":)" + std::string(depth - 2, '[') + std::string(depth - 2, ']') +
           "}}";
  };
  Frame deepest(call_with(kMaxJsonDepth));
  EXPECT_TRUE(parser_.Parse(deepest.span()));
  EXPECT_EQ(CodeOf(call_with(kMaxJsonDepth + 1)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(std::string(60000, '[')), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(call_with(30000)), ErrorCode::kInvalidArgument);
}

TEST_F(CallParserTest, RefusesOnewayTogetherWithMore) {
  EXPECT_EQ(CodeOf(R"({"method":"a.b.C","oneway":true,"more":true})"), ErrorCode::kInvalidArgument);
}

TEST_F(CallParserTest, NamesUpgradesAsUnsupported) {
  EXPECT_EQ(CodeOf(R"({"method":"a.b.C","upgrade":true})"), ErrorCode::kUnsupported);
}

TEST_F(CallParserTest, RefusesFramesBeyondItsSize) {
  CallParser small(64);
  const std::string head = R"({"method":"a.b.C"})";
  Frame longest(head + std::string(64 - head.size(), ' '));
  EXPECT_TRUE(small.Parse(longest.span()));
  Frame longer(head + std::string(65 - head.size(), ' '));
  EXPECT_FALSE(small.Parse(longer.span()));
}

TEST_F(CallParserTest, GoesOnAfterRefusals) {
  EXPECT_EQ(CodeOf("{"), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(std::string(kMaxVerifyFrameBytes, '[')), ErrorCode::kInvalidArgument);
  Frame frame(R"({"method":"a.b.C"})");
  EXPECT_TRUE(parser_.Parse(frame.span()));
}

TEST_F(CallParserTest, ForgetsTheStringsOfACall) {
  Frame frame(R"({"method":"a.b.C","parameters":{"key":"clv_secret"}})");
  const auto call = parser_.Parse(frame.span());
  ASSERT_TRUE(call);
  const std::string_view key = call->parameters->at_key("key").get_string().value_unsafe();
  ASSERT_EQ(key, "clv_secret");
  parser_.Forget();
  EXPECT_EQ(key, std::string(10, '\0'));
}

// Whatever the strings of a frame look like, their copies stay within what Forget wipes (a sanitizer would
// tell).
TEST_F(CallParserTest, ForgetsTheLongestCopiesThatAFrameCanMake) {
  std::string text = R"({"method":"a.b.C","x.y":{"a":[)";
  while (text.size() + 8 < kMaxVerifyFrameBytes) text += R"("",)";
  text += R"(""]}})";
  Frame frame(text);
  EXPECT_TRUE(parser_.Parse(frame.span()));
  parser_.Forget();
  EXPECT_TRUE(parser_.Parse(frame.span()));
}

}  // namespace
}  // namespace claviger::protocol
