#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "protocol/call.h"
#include "protocol/limits.h"
#include "tests/unit/protocol/frame.h"

namespace claviger::protocol {
namespace {

enum : std::size_t { kKey, kCount, kDry, kScopes };
constexpr std::array kList = {
    Parameter{"key", ParameterType::kString, true},
    Parameter{"count", ParameterType::kInt, false},
    Parameter{"dry", ParameterType::kBool, false},
    Parameter{"scopes", ParameterType::kStringList, false},
};

class ParametersTest : public testing::Test {
 protected:
  // Binds the parameters of a call whose parameters are `json`.
  std::string Bind(std::string_view json) {
    frame_ = Frame(R"({"method":"a.b.C","parameters":)" + std::string(json) + "}");
    const auto call = parser_.Parse(frame_.span());
    if (!call) return "not a call";
    return std::string(parameters_.Bind(*call, kList));
  }

  CallParser parser_{kMaxVerifyFrameBytes};
  Frame frame_{""};
  Parameters<kList.size()> parameters_;
};

TEST_F(ParametersTest, FindsValuesByPosition) {
  EXPECT_EQ(Bind(R"({"scopes":["a","b"],"dry":true,"count":-7,"key":"k\n"})"), "");
  EXPECT_EQ(parameters_.Text(kKey), "k\n");
  EXPECT_EQ(parameters_.Int(kCount), -7);
  EXPECT_TRUE(parameters_.Has(kDry));
  EXPECT_EQ(parameters_.List(kScopes).size(), 2U);
  EXPECT_EQ(parameters_.OptionalText(kKey), "k\n");
  EXPECT_EQ(parameters_.OptionalInt(kCount), -7);
}

TEST_F(ParametersTest, TakesNullAsAbsent) {
  EXPECT_EQ(Bind(R"({"key":"k","count":null,"dry":null,"scopes":null})"), "");
  EXPECT_TRUE(parameters_.Has(kKey));
  EXPECT_FALSE(parameters_.Has(kCount));
  EXPECT_FALSE(parameters_.Has(kDry));
  EXPECT_FALSE(parameters_.Has(kScopes));
  EXPECT_EQ(parameters_.OptionalInt(kCount), std::nullopt);
}

TEST_F(ParametersTest, NamesTheMissingOne) {
  EXPECT_EQ(Bind("{}"), "key");
  EXPECT_EQ(Bind("null"), "key");
  EXPECT_EQ(Bind(R"({"key":null})"), "key");
  EXPECT_EQ(Bind(R"({"count":1})"), "key");
}

TEST_F(ParametersTest, NamesTheUnknownOne) {
  EXPECT_EQ(Bind(R"({"key":"k","scope":["a"]})"), "scope");
  EXPECT_EQ(Bind(R"({"key":"k","Key":"k"})"), "Key");
  EXPECT_EQ(Bind(R"({"key":"k","unknown":null})"), "unknown");
}

TEST_F(ParametersTest, NamesTheOneOfAWrongType) {
  for (const char* value : {"1", "true", "[]", "{}", "1.5"}) {
    EXPECT_EQ(Bind(R"({"key":)" + std::string(value) + "}"), "key") << value;
  }
  for (const char* value : {R"("1")", "true", "[]", "{}", "1.5", "1.0", "1e3", "9223372036854775808"}) {
    EXPECT_EQ(Bind(R"({"key":"k","count":)" + std::string(value) + "}"), "count") << value;
  }
  for (const char* value : {R"("true")", "1", "[]", "{}"}) {
    EXPECT_EQ(Bind(R"({"key":"k","dry":)" + std::string(value) + "}"), "dry") << value;
  }
  for (const char* value : {R"("a")", "1", "{}", R"(["a",1])", R"([null])", R"([["a"]])", R"([{}])"}) {
    EXPECT_EQ(Bind(R"({"key":"k","scopes":)" + std::string(value) + "}"), "scopes") << value;
  }
}

TEST_F(ParametersTest, TakesTheWholeRangeOfIntegers) {
  EXPECT_EQ(Bind(R"({"key":"k","count":9223372036854775807})"), "");
  EXPECT_EQ(parameters_.Int(kCount), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(Bind(R"({"key":"k","count":-9223372036854775808})"), "");
  EXPECT_EQ(parameters_.Int(kCount), std::numeric_limits<std::int64_t>::min());
}

TEST_F(ParametersTest, ForgetsTheCallBefore) {
  EXPECT_EQ(Bind(R"({"key":"k","count":1})"), "");
  EXPECT_EQ(Bind(R"({"key":"k"})"), "");
  EXPECT_FALSE(parameters_.Has(kCount));
}

TEST_F(ParametersTest, NamesTheDoubledOneOfACallThatWasNotChecked) {
  simdjson::dom::parser parser;
  const std::string json = R"({"key":"a","key":"b"})";
  Call call;
  ASSERT_EQ(parser.parse(json).get_object().get(call.parameters.emplace()), simdjson::SUCCESS);
  EXPECT_EQ(parameters_.Bind(call, kList), "key");
}

TEST_F(ParametersTest, BindsMethodsWithoutParameters) {
  Parameters<0> none;
  Frame empty(R"({"method":"a.b.C","parameters":{}})");
  EXPECT_EQ(none.Bind(*parser_.Parse(empty.span()), {}), "");
  Frame one(R"({"method":"a.b.C","parameters":{"x":1}})");
  EXPECT_EQ(none.Bind(*parser_.Parse(one.span()), {}), "x");
}

}  // namespace
}  // namespace claviger::protocol
