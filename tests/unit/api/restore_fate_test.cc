#include "daemon/api/restore_fate.h"

#include <gtest/gtest.h>

#include "tests/unit/api/sample_record.h"

namespace claviger::api {
namespace {

using keys::KeyRecord;
using keys::RecordState;

constexpr UnixSeconds kRestoreTime = kSampleTime + 86400;

class RestoreFateTest : public testing::Test {
 protected:
  std::optional<KeyFate> Fate() const { return FateOf(&backup_, &today_, true); }
  std::optional<KeyRecord> Restored(const RestoreRules& rules = {.user = "root"}) const {
    return RestoredRecord(backup_, &today_, Fate(), rules, kRestoreTime);
  }

  KeyRecord backup_ = SampleRecord();
  KeyRecord today_ = SampleRecord();
};

TEST_F(RestoreFateTest, AKeyThatIsAsItWasStaysSo) {
  EXPECT_EQ(Fate(), std::nullopt);
  EXPECT_EQ(Restored(), std::nullopt);
}

TEST_F(RestoreFateTest, ARevokedKeyStaysRevokedWithItsReasonAndTime) {
  today_.state = RecordState::kRevoked;
  today_.revoked_at = kSampleTime + 5;
  today_.end_reason = "leaked";
  EXPECT_EQ(Fate(), KeyFate::kRevoked);
  const auto restored = Restored();
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->state, RecordState::kRevoked);
  EXPECT_EQ(restored->revoked_at, kSampleTime + 5);
  EXPECT_EQ(restored->end_reason, "leaked");
}

TEST_F(RestoreFateTest, ARotatedKeyComesBackRevoked) {
  keys::Generation next = today_.current();
  next.number = 2;
  today_.generations.push_back(next);
  EXPECT_EQ(Fate(), KeyFate::kRotated);
  const auto restored = Restored();
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->state, RecordState::kRevoked);
  EXPECT_EQ(restored->revoked_at, kRestoreTime);
  EXPECT_FALSE(restored->end_reason.empty());
}

TEST_F(RestoreFateTest, APausedKeyStaysPausedByWhomItWas) {
  today_.state = RecordState::kPaused;
  today_.paused_by = "carol";
  today_.end_reason = "holidays";
  EXPECT_EQ(Fate(), KeyFate::kPaused);
  const auto restored = Restored();
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->state, RecordState::kPaused);
  EXPECT_EQ(restored->paused_by, "carol");
  EXPECT_EQ(restored->end_reason, "holidays");
}

TEST_F(RestoreFateTest, AnEditedKeyIsPausedForReview) {
  today_.scopes = {"read:groups:admin"};
  EXPECT_EQ(Fate(), KeyFate::kEdited);
  const auto restored = Restored();
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->state, RecordState::kPaused);
  EXPECT_EQ(restored->paused_by, "root");
  EXPECT_EQ(restored->scopes, backup_.scopes);
}

TEST_F(RestoreFateTest, APurgedKeyComesBackRevoked) {
  const auto fate = FateOf(&backup_, nullptr, true);
  EXPECT_EQ(fate, KeyFate::kPurged);
  const auto restored = RestoredRecord(backup_, nullptr, fate, {.user = "root"}, kRestoreTime);
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->state, RecordState::kRevoked);
}

TEST_F(RestoreFateTest, AKeyOfWhichNothingIsKnownIsPausedOnlyIfThatIsAsked) {
  const auto fate = FateOf(&backup_, nullptr, false);
  EXPECT_EQ(fate, KeyFate::kUnknown);
  EXPECT_FALSE(RestoredRecord(backup_, nullptr, fate, {.user = "root"}, kRestoreTime));
  const auto restored =
      RestoredRecord(backup_, nullptr, fate, {.pause_all = true, .user = "root"}, kRestoreTime);
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->state, RecordState::kPaused);
}

TEST_F(RestoreFateTest, ReviveBringsBackWhatWasRevoked) {
  today_.state = RecordState::kRevoked;
  EXPECT_EQ(Restored({.revive = true, .user = "root"}), std::nullopt);
}

TEST_F(RestoreFateTest, PauseAllLeavesRevokedStatesAsTheyAre) {
  today_.state = RecordState::kRevoked;
  today_.revoked_at = kSampleTime + 5;
  const auto restored = Restored({.pause_all = true, .user = "root"});
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->state, RecordState::kRevoked);
}

TEST_F(RestoreFateTest, AKeyThatHadEndedIsLeftAlone) {
  backup_.state = RecordState::kRevoked;
  EXPECT_EQ(Fate(), std::nullopt);
  EXPECT_EQ(Restored({.pause_all = true, .user = "root"}), std::nullopt);
  backup_ = SampleRecord();
  backup_.expires = kRestoreTime;
  EXPECT_EQ(Restored({.pause_all = true, .user = "root"}), std::nullopt);
}

TEST_F(RestoreFateTest, AKeyIssuedSinceIsLost) { EXPECT_EQ(FateOf(nullptr, &today_, true), KeyFate::kLost); }

TEST(FateRules, StandInTheOrderOfTheirFates) {
  for (std::size_t i = 0; i < kFateRules.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(kFateRules.at(i).fate), i);
  }
}

}  // namespace
}  // namespace claviger::api
