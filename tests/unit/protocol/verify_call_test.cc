#include "protocol/verify_call.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/verify_call_comparison.h"
#include "tests/unit/protocol/frame.h"

namespace claviger::protocol {
namespace {

using namespace std::string_literals;
using Outcome = VerifyCallComparison::Outcome;

constexpr std::string_view kHead = R"({"method":"io.claviger.Verify.Verify","parameters":)";

std::string CallWith(std::string_view parameters) {
  return std::string(kHead).append(parameters).append("}");
}

std::string CallWithScopes(std::size_t count) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) list += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\"";
  return CallWith(R"({"key":"k","scopes":[)" + list + "]}");
}

TEST(VerifyCall, IsReadWithAllItsValues) {
  Frame frame(CallWith(
      R"({"key":"clv_1_2","scopes":["read:policies:admin","write:mail"],"remote_address":"192.0.2.1"})"));
  VerifyCall call;
  ASSERT_TRUE(ScanVerifyCall(frame.span(), call));
  EXPECT_EQ(call.key, "clv_1_2");
  EXPECT_TRUE(call.has_scopes);
  ASSERT_EQ(call.scope_count, 2U);
  EXPECT_EQ(call.scopes[0], "read:policies:admin");
  EXPECT_EQ(call.asked().back(), "write:mail");
  EXPECT_EQ(call.scopes_text, R"(["read:policies:admin","write:mail"])");
  EXPECT_TRUE(call.has_remote_address);
  EXPECT_EQ(call.remote_address, "192.0.2.1");
}

TEST(VerifyCall, KeepsNothingOfTheCallBefore) {
  VerifyCall call;
  Frame first(CallWith(R"({"key":"first","scopes":["a"],"remote_address":"::1"})"));
  ASSERT_TRUE(ScanVerifyCall(first.span(), call));
  Frame second(CallWith(R"({"key":""})"));
  ASSERT_TRUE(ScanVerifyCall(second.span(), call));
  EXPECT_EQ(call.key, "");
  EXPECT_EQ(call.scope_count, 0U);
  EXPECT_EQ(call.scopes_text, "");
  EXPECT_EQ(call.remote_address, "");
  EXPECT_FALSE(call.has_scopes);
  EXPECT_FALSE(call.has_remote_address);
}

TEST(VerifyCall, TakesTheUsualWaysOfWritingIt) {
  VerifyCallComparison comparison;
  for (const std::string& text : {
           CallWith(R"({"key":""})"),
           CallWith(R"({"key":"k","scopes":[]})"),
           CallWith(R"({"scopes":["a"],"remote_address":"x","key":"k"})"),
           R"({"method": "io.claviger.Verify.Verify", "parameters": {"key": "k", "scopes": ["a", "b"]}})"s,
           R"({"parameters":{"key":"k"},"method":"io.claviger.Verify.Verify"})"s,
           R"({"parameters": {"remote_address": "::1", "key": "k"}, "method": "io.claviger.Verify.Verify"})"s,
           CallWith(R"({"key":")" + std::string(1000, '~') + R"("})"),
           CallWith(R"({"key":"{}[]:, /'"})"),
           CallWithScopes(kMaxScannedScopes),
       }) {
    EXPECT_EQ(comparison.Compare(text), Outcome::kBoth) << text;
  }
}

TEST(VerifyCall, LeavesToTheParserWhatIsWrittenUnusually) {
  VerifyCallComparison comparison;
  for (const std::string& text : {
           CallWith(R"({"key":"\u006b"})"),
           CallWith(R"({"k\u0065y":"k"})"),
           CallWith("{\"key\":\"\xc3\xa4\"}"),
           CallWith("{\"key\":\"\x7f\"}"),
           CallWith(R"({"key":"k","scopes":null})"),
           CallWith(R"({"key":"k","remote_address":null})"),
           CallWith(R"({"key":  "k"})"),
           CallWith(R"({"key" :"k"})"),
           CallWith("{\"key\":\t\"k\"}"),
           CallWith(R"({ "key":"k"})"),
           CallWith(R"({"key":"k","scopes":[ ]})"),
           CallWith(R"({"key":"k","scopes":["a" ]})"),
           CallWith(R"({"key":"k"})") + "\n",
           " " + CallWith(R"({"key":"k"})"),
           R"({"method":"io.claviger.Verify.Verify","parameters":{"key":"k"},"more":false})"s,
           R"({"oneway":false,"method":"io.claviger.Verify.Verify","parameters":{"key":"k"}})"s,
           R"({"method":"io.claviger.Verify.Verify","parameters":{"key":"k"},"x.y":{}})"s,
           CallWithScopes(kMaxScannedScopes + 1),
       }) {
    EXPECT_EQ(comparison.Compare(text), Outcome::kParsed) << text;
  }
}

TEST(VerifyCall, IsNotSeenInOtherCallsAndFaultyOnes) {
  VerifyCallComparison comparison;
  for (
      const std::string& text : {
          ""s,
          "{}"s,
          "{\"method\":\"io.claviger.Verify.Verify\"}"s,
          CallWith("{}"),
          CallWith("null"),
          CallWith(R"({"key":"k"})") + "}",
          CallWith(R"({"key":"k"})") + CallWith(R"({"key":"k"})"),
          CallWith(R"({"key":"k",})"),
          CallWith(R"({"key":"k" "scopes":[]})"),
          CallWith(R"({"key":"k","key":"k"})"),
          CallWith(R"({"key":"k","scopes":[],"scopes":[]})"),
          CallWith(R"({"key":"k","remote_address":"","remote_address":""})"),
          CallWith(R"({"key":"k","scopes":["a",]})"),
          CallWith(R"({"key":"k","scopes":[,"a"]})"),
          CallWith(R"({"key":"k","scopes":["a"})"),
          CallWith(R"({"key":"k","scopes":["a"]]})"),
          CallWith(R"({"key":"k","scopes":[["a"]]})"),
          CallWith(R"({"key":"k","scopes":[1]})"),
          CallWith(R"({"key":"k","scopes":"a"})"),
          CallWith(R"({"key":1})"),
          CallWith(R"({"key":null})"),
          CallWith(R"({"scopes":["a"]})"),
          CallWith(R"({"key":"k","limit":"1"})"),
          CallWith("{\"key\":\"a\nb\"}"),
          CallWith("{\"key\":\"a\0b\"}"s),
          CallWith("{\"key\":\"\xff\"}"),
          CallWith(R"({"key":"k\"})"),
          R"({"method":"io.claviger.Verify.WhoAmI","parameters":{"key":"k"}})"s,
          R"({"method":"io.claviger.Verify.Verify","method":"io.claviger.Verify.Verify","parameters":{"key":"k"}})"s,
          R"({"parameters":{"key":"k"},"parameters":{"key":"k"}})"s,
          R"({"parameters":{"key":"k"},"parameters":{"key":"k"},"method":"io.claviger.Verify.Verify"})"s,
          R"({"parameters":{"key":"k"}})"s,
          R"({"method":"io.claviger.Verify.Verify","parameters":{"key":"k"},"more":true})"s,
          R"({"method":"io.claviger.Verify.Verify","parameters":{"key":"k"},"oneway":true})"s,
          R"({"oneway":true,"method":"io.claviger.Verify.Verify","parameters":{"key":"k"}})"s,
          R"({"method":"io.claviger.Verify.Verify","parameters":{"key":"k"},"upgrade":true})"s,
      }) {
    EXPECT_EQ(comparison.Compare(text), Outcome::kNeither) << text;
  }
}

TEST(VerifyCall, IsNotSeenInAFrameThatEndsTooEarlyWhateverStandsBehindIt) {
  const std::string whole = CallWith(R"({"key":"clv_abc","scopes":["read:a","read:b"]})");
  const std::string padded = whole + std::string(kFramePadding, ' ');
  VerifyCallComparison comparison;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    for (const char filling : {'"', '}', ']', ' ', '\0'}) {
      EXPECT_EQ(comparison.Compare(std::string_view(whole).substr(0, size), filling), Outcome::kNeither)
          << size;
    }
    // The rest of the call may well stand there: it came in one piece with something else.
    VerifyCall call;
    EXPECT_FALSE(ScanVerifyCall(std::span(padded).first(size), call)) << size;
  }
}

TEST(VerifyCall, IsReadUpToTheLongestFrame) {
  const std::size_t frame_without_key = CallWith(R"({"key":""})").size();
  const std::string longest =
      CallWith(R"({"key":")" + std::string(kMaxVerifyFrameBytes - frame_without_key, 'k') + R"("})");
  const std::string too_long =
      CallWith(R"({"key":")" + std::string(kMaxVerifyFrameBytes - frame_without_key + 1, 'k') + R"("})");
  VerifyCallComparison comparison;
  EXPECT_EQ(comparison.Compare(longest), Outcome::kBoth);
  EXPECT_EQ(comparison.Compare(too_long), Outcome::kNeither);
}

TEST(VerifyCall, FindsEveryByteThatCannotStandInATextAtEveryPlace) {
  VerifyCallComparison comparison;
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool plain = byte >= 0x20 && byte <= 0x7e && c != '"' && c != '\\';
    for (std::size_t place = 0; place < 40; ++place) {
      std::string key(40, 'k');
      key[place] = c;
      const Outcome outcome = comparison.Compare(CallWith(R"({"key":")" + key + R"("})"));
      EXPECT_EQ(outcome == Outcome::kBoth, plain) << byte << " at " << place;
      EXPECT_NE(outcome, Outcome::kWronglyTaken) << byte << " at " << place;
    }
  }
}

// Changes a call in a few places: bytes that matter to JSON, pieces of calls, cuts and doublings.
class Mutation {
 public:
  explicit Mutation(std::uint32_t seed) : random_(seed) {}

  std::string Next() {
    std::string text = kSeeds[Below(std::size(kSeeds))];
    for (std::size_t changes = Below(4); changes > 0; --changes) Change(text);
    return text;
  }

 private:
  static constexpr const char* kSeeds[] = {
      R"({"method":"io.claviger.Verify.Verify","parameters":{"key":"clv_01G_k2","scopes":["read:a","write:b"]}})",
      R"({"method": "io.claviger.Verify.Verify", "parameters": {"key": "clv_01G_k2", "scopes": ["read:a"]}})",
      R"({"parameters":{"key":"clv_01G_k2","remote_address":"::1"},"method":"io.claviger.Verify.Verify"})",
      R"({"method":"io.claviger.Verify.Verify","parameters":{"scopes":[],"key":"clv_01G_k2"}})",
      R"({"method":"io.claviger.Verify.Verify","parameters":{"key":"k"}})",
  };
  static constexpr std::string_view kBytes = "\"\\{}[]:, \n\t\0kn1\x7f\x80\xc3\xa4";
  static constexpr const char* kPieces[] = {"\"key\":\"k\"",
                                            "\"scopes\":[\"a\"]",
                                            "\"scopes\":null",
                                            "\"remote_address\":\"x\"",
                                            ",",
                                            ", ",
                                            "null",
                                            "\"more\":true",
                                            "\"oneway\":false",
                                            "\\u0041",
                                            "[\"\"]",
                                            "\"a.b\":{}"};

  std::size_t Below(std::size_t limit) { return random_() % limit; }

  void Change(std::string& text) {
    const std::size_t at = Below(text.size() + 1);
    switch (Below(8)) {
      case 0:
        text.insert(at, 1, kBytes[Below(kBytes.size())]);
        break;
      case 1:
        text.insert(at, kPieces[Below(std::size(kPieces))]);
        break;
      case 2:
        text.erase(at, 1 + Below(3));
        break;
      case 3:
        text.erase(at, Below(2) == 0 ? text.size() : Below(20));
        break;
      case 4:  // a stretch doubled
        text.insert(at, text.substr(at, Below(24)));
        break;
      case 5:  // a member more, where one may stand
        if (const std::size_t brace = text.find('{', at); brace != std::string::npos) {
          text.insert(brace + 1, std::string(kPieces[Below(std::size(kPieces))]) + ",");
        }
        break;
      case 6:  // white space, where it may stand
        if (const std::size_t place = text.find_first_of(":,", at); place != std::string::npos) {
          text.insert(place + Below(2), Below(4) == 0 ? "\t" : " ");
        }
        break;
      default:
        if (at < text.size()) text[at] = kBytes[Below(kBytes.size())];
        break;
    }
  }

  std::mt19937 random_;
};

TEST(VerifyCall, IsReadAsTheParserReadsItInHundredsOfThousandsOfChangedCalls) {
  Mutation mutation(20261128);
  VerifyCallComparison comparison;
  std::size_t both = 0;
  std::size_t parsed = 0;
  std::size_t neither = 0;
  for (int i = 0; i < 300000; ++i) {
    const std::string text = mutation.Next();
    const Outcome outcome = comparison.Compare(text);
    ASSERT_NE(outcome, Outcome::kWronglyTaken) << text;
    both += outcome == Outcome::kBoth ? 1U : 0U;
    parsed += outcome == Outcome::kParsed ? 1U : 0U;
    neither += outcome == Outcome::kNeither ? 1U : 0U;
    if (outcome == Outcome::kParsed && comparison.IsPlain()) {
      const std::string canonical = comparison.Canonical();
      ASSERT_EQ(comparison.Compare(canonical), Outcome::kBoth) << text << "\n" << canonical;
    }
  }
  // Each kind of frame is among them, or this compares nothing.
  EXPECT_GT(both, 50000U);
  EXPECT_GT(parsed, 5000U);
  EXPECT_GT(neither, 50000U);
}

}  // namespace
}  // namespace claviger::protocol
