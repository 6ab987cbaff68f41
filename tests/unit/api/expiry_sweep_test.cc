#include "daemon/api/expiry_sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace claviger::api {
namespace {

constexpr std::int64_t kDay = 86400;
constexpr UnixSeconds kMade = 1700000000;
constexpr UnixSeconds kExpires = kMade + 60 * kDay;
const std::vector<std::int64_t> kSteps = {30 * kDay, 7 * kDay, kDay};

std::optional<std::int64_t> DueBefore(std::int64_t left, UnixSeconds begins = kMade) {
  return DueStep(kSteps, begins, kExpires, kExpires - left);
}

TEST(DueStep, IsTheNearestOfThoseThatAreDue) {
  EXPECT_EQ(DueBefore(30 * kDay + 1), std::nullopt);
  EXPECT_EQ(DueBefore(30 * kDay), 30 * kDay);
  EXPECT_EQ(DueBefore(7 * kDay + 1), 30 * kDay);
  EXPECT_EQ(DueBefore(7 * kDay), 7 * kDay);
  EXPECT_EQ(DueBefore(kDay), kDay);
  EXPECT_EQ(DueBefore(1), kDay);
}

TEST(DueStep, IsNoneForAKeyThatHasEnded) {
  EXPECT_EQ(DueBefore(0), std::nullopt);
  EXPECT_EQ(DueBefore(-5), std::nullopt);
}

TEST(DueStep, LeavesOutWhatWasDueBeforeTheSecretCouldBeUsed) {
  EXPECT_EQ(DueBefore(6 * kDay, kExpires - 7 * kDay), std::nullopt);
  EXPECT_EQ(DueBefore(6 * kDay, kExpires - 7 * kDay - 1), 7 * kDay);
  EXPECT_EQ(DueBefore(kDay, kExpires - 7 * kDay), kDay);
  EXPECT_EQ(DueBefore(60, kExpires - 3600), std::nullopt);
}

TEST(DueStep, IsNoneWithoutSteps) { EXPECT_EQ(DueStep({}, kMade, kExpires, kExpires - 1), std::nullopt); }

Announcement Sample() {
  Announcement announcement;
  announcement.name = "deploy";
  announcement.owner = "alice";
  announcement.team = "platform";
  announcement.expires = kExpires;
  announcement.step = 7 * kDay;
  return announcement;
}

TEST(AnnouncementLine, SaysWhoseKeyEndsWhenAndWhatToDo) {
  const std::string id = Sample().id.ToString();
  EXPECT_EQ(
      AnnouncementLine(Sample(), kExpires - 7 * kDay + 59),
      "key " + id + " (deploy, alice, platform) ends in 6d23h; rotate it with: claviger key rotate " + id);
  Announcement without_team = Sample();
  without_team.team.clear();
  EXPECT_THAT(AnnouncementLine(without_team, kExpires - 3 * 3600 - 65),
              testing::HasSubstr("(deploy, alice) ends in 3h1m;"));
  EXPECT_THAT(AnnouncementLine(Sample(), kExpires - 90), testing::HasSubstr(" ends in 90s;"));
}

TEST(AnnouncementLog, TellsTheFirstKeysAndCountsTheOthers) {
  AnnouncementLog log;
  EXPECT_EQ(log.Add(std::vector<Announcement>(kAnnouncementsLogged - 1, Sample()), kMade).size(),
            kAnnouncementsLogged - 1);
  EXPECT_EQ(log.Rest(), "");
  EXPECT_EQ(log.Add(std::vector<Announcement>(4, Sample()), kMade).size(), 1u);
  EXPECT_EQ(log.Add(std::vector<Announcement>(4, Sample()), kMade).size(), 0u);
  EXPECT_EQ(log.Rest(), "7 more keys end soon; see: claviger review");
}

}  // namespace
}  // namespace claviger::api
