#include "cli/terms_view.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <initializer_list>
#include <sstream>

namespace claviger::cli {
namespace {

constexpr UnixSeconds kTermsTime = 1790000000;

boost::json::object TermsOf(std::initializer_list<const char*> scopes) {
  boost::json::array list;
  for (const char* scope : scopes) list.emplace_back(scope);
  return {{"name", "report"}, {"owner", "alice"}, {"unscoped", false}, {"scopes", std::move(list)}};
}

TEST(AbilitySentence, SaysWhatTheKeyCanDoAndWhatNot) {
  EXPECT_EQ(AbilitySentence(TermsOf({"read:domains:admin", "read:policies:admin"})),
            "It can read domains and policies of admin. It cannot write or delete anything.");
  EXPECT_EQ(AbilitySentence(TermsOf({"delete:policies:admin", "read:users", "write:a:x", "write:b:y"})),
            "It can read users; it can write a of x, and b of y; it can delete policies of admin.");
}

TEST(AbilitySentence, ReadsPatternsAsWhatTheyGive) {
  EXPECT_EQ(AbilitySentence(TermsOf({"read:*"})),
            "It can read everything. It cannot write or delete anything.");
  EXPECT_EQ(
      AbilitySentence(TermsOf({"read:*:billing", "write:policies:*"})),
      "It can read everything of billing; it can write policies everywhere. It cannot delete anything.");
}

TEST(AbilitySentence, NamesAFewOfManyAndCountsTheRest) {
  EXPECT_EQ(AbilitySentence(TermsOf({"read:a:x", "read:b:x", "read:c:x", "read:d:x", "read:e:x", "read:f:x",
                                     "read:g:x", "read:h:x"})),
            "It can read a, b, c, d, e, f and 2 more of x. It cannot write or delete anything.");
}

TEST(AbilitySentence, DoesNotPlayFullAccessDown) {
  const std::string sentence = AbilitySentence({{"unscoped", true}, {"scopes", boost::json::array()}});
  EXPECT_NE(sentence.find("read, write and delete everything"), std::string::npos);
  EXPECT_EQ(AbilitySentence(TermsOf({})), "It can do nothing. It cannot read, write or delete anything.");
}

TEST(ReviewPage, HasEverythingAndFitsTheTerminal) {
  boost::json::object terms = TermsOf({"read:domains:admin"});
  terms["team"] = "a\x1b[31m";
  terms["expires_at"] = "2026-12-24T00:00:00Z";
  terms["not_before"] = FormatTime(kTermsTime - 5);
  const boost::json::object preview = {
      {"terms", terms},
      {"warnings",
       {{{"code", "long_lived"},
         {"message", "long " + std::string(60, 'w') + " words " + std::string(60, 'v')}},
        {{"code", "same_scopes"}, {"message", "another key has the same scopes"}}}},
      {"same_scopes", {"02fyDJNXTbhzYAj8Q"}}};
  Terminal terminal;
  terminal.width = 80;
  const std::string page = ReviewPage(preview, kTermsTime, terminal);
  for (const char* text :
       {"report", "a\\u{1B}[31m", "2026-12-24T00:00:00Z", "read:domains:admin", "It can read domains",
        "warning: another key", "the same scopes: 02fyDJNXTbhzYAj8Q"}) {
    EXPECT_NE(page.find(text), std::string::npos) << text;
  }
  EXPECT_EQ(page.find("valid from"), std::string::npos);
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 80U) << line;
  }
}

}  // namespace
}  // namespace claviger::cli
