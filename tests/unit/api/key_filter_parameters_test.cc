#include "daemon/api/key_filter_parameters.h"

#include <gtest/gtest.h>

#include <string>

#include "protocol/limits.h"
#include "tests/unit/protocol/frame.h"

namespace claviger::api {
namespace {

using store::KeyFilter;

constexpr UnixSeconds kFilterTime = 1790000000;

class KeyFilterParametersTest : public testing::Test {
 protected:
  // The parameter at fault in a call with these; "" if there is none.
  std::string Fault(const std::string& parameters) {
    protocol::Frame frame(R"({"method":"a.b.C","parameters":)" + parameters + "}");
    const auto call = parser_.Parse(frame.span());
    if (!call) return "no call: " + call.error().message();
    protocol::Parameters<kKeyFilterParameters> bound;
    if (const auto fault = bound.Bind(*call, KeyFilterParameters()); !fault.empty())
      return std::string(fault);
    filter_ = {};
    return std::string(ReadKeyFilter(bound.values(), bound.present(), kFilterTime, filter_));
  }
  static std::string One(std::string_view name, std::string_view json) {
    return "{\"" + std::string(name) + "\":" + std::string(json) + "}";
  }

  protocol::CallParser parser_{protocol::kMaxAdminFrameBytes};
  KeyFilter filter_;
};

TEST_F(KeyFilterParametersTest, EveryParameterHasANameAndIsOptional) {
  for (const protocol::Parameter& parameter : KeyFilterParameters()) {
    EXPECT_FALSE(parameter.name.empty());
    EXPECT_FALSE(parameter.required) << parameter.name;
  }
}

TEST_F(KeyFilterParametersTest, NothingGivenLetsEveryKeyThrough) {
  ASSERT_EQ(Fault("{}"), "");
  EXPECT_EQ(filter_.now, kFilterTime);
  EXPECT_TRUE(filter_.states.empty());
  EXPECT_TRUE((filter_.search + filter_.owner + filter_.creator + filter_.team).empty());
  EXPECT_TRUE((filter_.gives_scope + filter_.holds_action).empty());
  EXPECT_FALSE(filter_.kind || filter_.used || filter_.unused_since);
  EXPECT_FALSE(filter_.created.from || filter_.expires.until || filter_.last_used.from);
}

TEST_F(KeyFilterParametersTest, EachParameterReachesItsOwnField) {
  ASSERT_EQ(
      Fault(R"({"states":["active","paused","active"],"search":"a b ","owner":"o","creator":"c","team":"t",
      "kind":"unscoped","created_after":"2026-01-01T00:00:00Z","created_before":"2026-01-02T00:00:00Z",
      "expires_after":"2026-01-03T00:00:00Z","expires_before":"2026-01-04T00:00:00Z",
      "used_after":"2026-01-05T00:00:00Z","used_before":"2026-01-06T00:00:00Z",
      "unused_since":"2026-01-07T00:00:00Z","used":false,"gives_scope":"read:a","holds_action":"delete"})"),
      "");
  constexpr UnixSeconds kFirst = 1767225600;
  const auto day = [](int number) { return std::optional<UnixSeconds>(kFirst + (number - 1) * 86400); };
  EXPECT_EQ(filter_.states, (std::vector{keys::KeyState::kActive, keys::KeyState::kPaused}));
  EXPECT_EQ(filter_.search, "a b ");
  EXPECT_EQ(filter_.owner, "o");
  EXPECT_EQ(filter_.creator, "c");
  EXPECT_EQ(filter_.team, "t");
  EXPECT_EQ(filter_.kind, store::KeyKind::kUnscoped);
  EXPECT_EQ(filter_.created.from, day(1));
  EXPECT_EQ(filter_.created.until, day(2));
  EXPECT_EQ(filter_.expires.from, day(3));
  EXPECT_EQ(filter_.expires.until, day(4));
  EXPECT_EQ(filter_.last_used.from, day(5));
  EXPECT_EQ(filter_.last_used.until, day(6));
  EXPECT_EQ(filter_.unused_since, day(7));
  EXPECT_EQ(filter_.used, false);
  EXPECT_EQ(filter_.gives_scope, "read:a");
  EXPECT_EQ(filter_.holds_action, "delete");
}

TEST_F(KeyFilterParametersTest, AnEmptyTextIsNotTakenForEveryKey) {
  for (const protocol::Parameter& parameter : KeyFilterParameters()) {
    if (parameter.type == protocol::ParameterType::kBool) continue;
    const bool list = parameter.type == protocol::ParameterType::kStringList;
    EXPECT_EQ(Fault(One(parameter.name, list ? "[]" : R"("")")), parameter.name);
  }
}

TEST_F(KeyFilterParametersTest, WordsThatAreNotKnownAreRefused) {
  const std::pair<const char*, const char*> wrong[] = {{"states", R"(["active","ended"])"},
                                                       {"states", R"(["Active"])"},
                                                       {"states", R"([""])"},
                                                       {"kind", R"("Scoped")"},
                                                       {"kind", R"("all")"},
                                                       {"holds_action", R"("READ")"},
                                                       {"holds_action", R"("*")"},
                                                       {"gives_scope", R"("read")"},
                                                       {"gives_scope", R"("read:*")"},
                                                       {"gives_scope", R"("read:a b")"}};
  for (const auto& [name, json] : wrong) EXPECT_EQ(Fault(One(name, json)), name) << json;
}

TEST_F(KeyFilterParametersTest, TextsThatNoKeyCanHaveAreRefused) {
  const std::string longest(128, 'x');
  for (const char* name : {"search", "owner", "creator", "team"}) {
    EXPECT_EQ(Fault(One(name, '"' + longest + '"')), "");
    EXPECT_EQ(Fault(One(name, '"' + longest + "x\"")), name);
    for (const char* text : {R"("a\u0000b")", R"("a\nb")", R"("\u202e")", R"("\u001b[2J")"}) {
      EXPECT_EQ(Fault(One(name, text)), name) << text;
    }
  }
}

TEST_F(KeyFilterParametersTest, ATimeNeedsDayTimeAndZone) {
  for (const char* name : {"created_after", "created_before", "expires_after", "expires_before", "used_after",
                           "used_before", "unused_since"}) {
    EXPECT_EQ(Fault(One(name, R"("2026-12-24T01:00:00+01:00")")), "");
    for (const char* text : {R"("2026-12-24")", R"("2026-12-24T00:00:00")", R"("2026-13-01T00:00:00Z")",
                             R"("7d")", R"("1790000000")", R"("2026-12-24T00:00:00.5Z")", R"("now")"}) {
      EXPECT_EQ(Fault(One(name, text)), name) << text;
    }
  }
}

TEST_F(KeyFilterParametersTest, ARangeDoesNotEndBeforeItBegins) {
  for (const std::string kind : {"created", "expires", "used"}) {
    const auto range = [&](const char* from, const char* until) {
      return "{\"" + kind + "_after\":\"2026-01-0" + from + "T00:00:00Z\",\"" + kind +
             "_before\":\"2026-01-0" + until + "T00:00:00Z\"}";
    };
    EXPECT_EQ(Fault(range("1", "2")), "");
    EXPECT_EQ(Fault(range("2", "2")), "");
    EXPECT_EQ(Fault(range("2", "1")), kind + "_after");
  }
}

TEST_F(KeyFilterParametersTest, ValuesOfAWrongTypeAreRefused) {
  for (const protocol::Parameter& parameter : KeyFilterParameters()) {
    for (const char* json : {"1", "{}", "[1]", "1.5"})
      EXPECT_EQ(Fault(One(parameter.name, json)), parameter.name);
    const bool is_bool = parameter.type == protocol::ParameterType::kBool;
    EXPECT_EQ(Fault(One(parameter.name, "true")), is_bool ? "" : parameter.name);
    EXPECT_EQ(Fault(One(parameter.name, "null")), "");
  }
}

}  // namespace
}  // namespace claviger::api
