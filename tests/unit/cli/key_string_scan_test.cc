#include "cli/key_string_scan.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace claviger::cli {
namespace {

using Finds = std::vector<std::pair<std::string, std::uint64_t>>;

const std::string kBody = "_" + std::string(17, 'I') + "_" + std::string(49, 's');
const std::string kKey = "clv" + kBody;

// What is found in `text`, which comes in pieces of `size`.
Finds Scan(const std::string& text, std::size_t size) {
  Finds finds;
  KeyStringScan scan;
  for (std::size_t at = 0; at < text.size(); at += size) {
    const std::string piece = text.substr(at, size);
    const auto fed =
        scan.Feed(std::span(piece.data(), piece.size()), [&](std::string_view found, std::uint64_t line) {
          finds.emplace_back(found, line);
          return Outcome<void>();
        });
    EXPECT_TRUE(fed);
  }
  return finds;
}

TEST(KeyStringScan, FindsTheSameHoweverTheInputIsCut) {
  const std::string text = "a\n\n" + kKey + "\n" + std::string("\0\xff_", 3) + kKey + kKey + "\nab" + kBody;
  const Finds expected = {{kKey, 3}, {kKey, 4}, {"sclv" + kBody, 4}, {"ab" + kBody, 5}};
  for (std::size_t size = 1; size <= text.size(); ++size) EXPECT_EQ(Scan(text, size), expected) << size;
}

TEST(KeyStringScan, GivesAtMostFourLettersOfWhatStandsBefore) {
  EXPECT_EQ(Scan("tokenclv" + kBody, 7), (Finds{{"nclv" + kBody, 1}}));
  EXPECT_EQ(Scan("TOKENclv" + kBody, 7), (Finds{{kKey, 1}}));
  EXPECT_EQ(Scan("secret-token:" + kKey, 7), (Finds{{kKey, 1}}));
}

TEST(KeyStringScan, TakesTheLengthOfAKeyOfWhatGoesOn) {
  EXPECT_EQ(Scan(kKey + "moretext", 100), (Finds{{kKey, 1}}));
}

TEST(KeyStringScan, PassesOverWhatHasAnotherForm) {
  std::string short_id = kKey;
  short_id.erase(5, 1);
  std::string strange = kKey;
  strange[30] = '-';
  std::string cut = kKey;
  cut.pop_back();
  for (const std::string& text : {short_id, strange, cut, "c" + kBody, "CLV" + kBody, "cl1" + kBody, kBody}) {
    EXPECT_TRUE(Scan(text, 1000).empty()) << text;
    EXPECT_TRUE(Scan(text, 3).empty()) << text;
  }
}

TEST(KeyStringScan, EndsWithTheFailureOfItsSink) {
  KeyStringScan scan;
  int calls = 0;
  const std::string text = kKey + " " + kKey;
  const auto fed = scan.Feed(std::span(text.data(), text.size()), [&](std::string_view, std::uint64_t) {
    ++calls;
    return Outcome<void>(Failure{4, "no"});
  });
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().exit_status, 4);
  EXPECT_EQ(calls, 1);
}

TEST(LooksLikeKeyString, TellsKeysAndTheirBeginningsFromFileNames) {
  for (const std::string& text : {kKey, "secret-token:" + kKey, kKey.substr(0, 40), kKey.substr(0, 22)}) {
    EXPECT_TRUE(LooksLikeKeyString(text)) << text;
  }
  for (const char* text : {"", "_", "build_2026.log", "a_b_c_d", "clv_0123", "/var/log/a_file_of_keys.txt"}) {
    EXPECT_FALSE(LooksLikeKeyString(text)) << text;
  }
}

}  // namespace
}  // namespace claviger::cli
