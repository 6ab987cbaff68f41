#include "cli/top_page.h"

#include <gtest/gtest.h>

#include <string>

#include "cli/text_width.h"

namespace claviger::cli {
namespace {

using wizard::Size;
using wizard::View;

constexpr Size kSizes[] = {{24, 80}, {40, 140}, {TopPage::kLeastRows, TopPage::kLeastColumns}, {60, 220}};

std::string Shown(const View& view) {
  std::string text;
  for (const wizard::Line& line : view.lines) {
    for (const wizard::Span& span : line) text += span.text;
    text.push_back('\n');
  }
  return text;
}

// Of a second in which `count` verifications were answered, each in about 8 us.
Figures Second(std::int64_t count) {
  Figures figures;
  figures.now = "2026-11-28T12:00:00Z";
  figures.serving = true;
  figures.token_state = "ready";
  figures.elapsed = 1'000'000'000;
  figures.verdicts = {{"valid", count}, {"unknown", 0}, {"unavailable", count / 10}};
  figures.from_memory = count;
  figures.at_once.Add(DurationBuckets::Of(8192), static_cast<std::uint64_t>(count));
  figures.busiest_over = 2'000'000'000;
  return figures;
}

TopPage PageOf(const Figures& figures) {
  TopPage page;
  page.host = "host-a";
  page.interval = "1s";
  page.now = figures;
  page.since = figures;
  return page;
}

TopPage FullPage() {
  Figures figures = Second(12'345'678);
  for (auto& verdict : figures.verdicts) verdict.second = 12'345'678;
  for (const char* code : {"malformed", "revoked", "paused", "pending", "expired", "caller_denied",
                           "network_denied", "insufficient_scope", "rate_limited", "exhausted"}) {
    figures.verdicts.emplace_back(code, 12'345'678);
  }
  for (int i = 0; i < 20; ++i) {
    figures.busiest_keys.push_back({"02fyDJNXTbhzYAj8Q", std::string(128, 'n'), 0, 24'000'000, 24'000'000});
    figures.busiest_callers.push_back({"", std::string(255, 'u'), 0, 24'000'000, 24'000'000});
  }
  TopPage page = PageOf(figures);
  page.host = std::string(64, 'h');
  return page;
}

TEST(TopPageTest, FillsEverySizeWithoutPassingIt) {
  for (const Size& size : kSizes) {
    for (TopPage page : {FullPage(), PageOf(Second(0)), TopPage()}) {
      for (const bool help : {false, true}) {
        page.help = help;
        const View view = DrawTop(page, size);
        EXPECT_EQ(view.lines.size(), size.rows);
        for (const wizard::Line& line : view.lines) {
          std::size_t width = 0;
          for (const wizard::Span& span : line) width += DisplayWidth(span.text);
          EXPECT_LE(width, size.columns) << size.rows << "x" << size.columns << ": " << line.front().text;
        }
      }
    }
  }
}

TEST(TopPageTest, ShowsWhatHappenedInTheInterval) {
  const std::string shown = Shown(DrawTop(PageOf(Second(128400)), {24, 80}));
  for (const char* text : {"host-a", "every 1s", "141,240 per second", "valid 128,400", "unavailable 12,840",
                           "keys found in memory: 100 %", "8.7 us"}) {
    EXPECT_NE(shown.find(text), std::string::npos) << text << "\n" << shown;
  }
  EXPECT_EQ(shown.find("unknown"), std::string::npos) << "was never answered";
}

TEST(TopPageTest, WhatCannotBeKnownIsADash) {
  TopPage page = PageOf(Second(5));
  page.since.reset();
  const std::string first = Shown(DrawTop(page, {24, 80}));
  EXPECT_NE(first.find("Verifications   - per second   keys found in memory: -"), std::string::npos) << first;
  const std::string idle = Shown(DrawTop(PageOf(Second(0)), {24, 80}));
  EXPECT_NE(idle.find("Verifications   0 per second   keys found in memory: -"), std::string::npos) << idle;
  EXPECT_EQ(idle.find(" us"), std::string::npos) << idle;
}

TEST(TopPageTest, SaysThatTheDaemonDoesNotAnswer) {
  TopPage page;
  page.problem = "no figures: the daemon is not there; trying again";
  const std::string shown = Shown(DrawTop(page, {24, 80}));
  EXPECT_NE(shown.find(page.problem), std::string::npos);
}

TEST(TopPageTest, SaysThatTheDaemonDoesNotServeAndWhatTheTokenIs) {
  Figures figures = Second(5);
  figures.serving = false;
  figures.token_state = "locked";
  EXPECT_NE(Shown(DrawTop(PageOf(figures), {24, 80})).find("not serving"), std::string::npos);
  EXPECT_NE(Shown(DrawTop(PageOf(figures), {24, 80})).find("the token is locked"), std::string::npos);
}

TEST(TopPageTest, SortsTheBusiestAsItIsAsked) {
  Figures figures = Second(100);
  figures.busiest_keys = {{"00000000000000001", "middle", 0, 900, 0},
                          {"00000000000000002", "last", 0, 300, 5},
                          {"00000000000000003", "first", 0, 100, 9}};
  TopPage page = PageOf(figures);
  const auto order = [&] {
    const std::string shown = Shown(DrawTop(page, {24, 80}));
    return std::array{shown.find("middle"), shown.find("last "), shown.find("first")};
  };
  EXPECT_LT(order()[0], order()[1]);
  EXPECT_LT(order()[1], order()[2]);
  page.sort = BusySort::kDenials;
  EXPECT_LT(order()[2], order()[1]);
  EXPECT_LT(order()[1], order()[0]);
  page.sort = BusySort::kName;
  EXPECT_LT(order()[2], order()[1]);
  EXPECT_LT(order()[1], order()[0]);
}

TEST(TopPageTest, ShowsIdsWhereTheyAreAskedForOrThereIsNoNameOrMuchRoom) {
  Figures figures = Second(100);
  figures.busiest_keys = {{"00000000000000001", "backup", 0, 900, 0}, {"00000000000000002", "", 0, 300, 5}};
  TopPage page = PageOf(figures);
  const std::string narrow = Shown(DrawTop(page, {24, 80}));
  EXPECT_EQ(narrow.find("00000000000000001"), std::string::npos);
  EXPECT_NE(narrow.find("backup"), std::string::npos);
  EXPECT_NE(narrow.find("00000000000000002"), std::string::npos);
  const std::string wide = Shown(DrawTop(page, {24, 140}));
  EXPECT_NE(wide.find("00000000000000001  backup"), std::string::npos) << wide;
  page.ids = true;
  const std::string ids = Shown(DrawTop(page, {24, 80}));
  EXPECT_NE(ids.find("00000000000000001"), std::string::npos);
  EXPECT_EQ(ids.find("backup"), std::string::npos);
}

TEST(TopPageTest, NamesNoKeysToPressWhereNobodyListens) {
  TopPage page = PageOf(Second(5));
  EXPECT_NE(Shown(DrawTop(page, {24, 80})).find("quit"), std::string::npos);
  page.live = false;
  EXPECT_EQ(Shown(DrawTop(page, {24, 80})).find("quit"), std::string::npos);
}

}  // namespace
}  // namespace claviger::cli
