#include "daemon/keys/record.h"

#include <gtest/gtest.h>

#include "tests/unit/keys/sample_records.h"

namespace claviger::keys {
namespace {

TEST(KeyRecord, IsPendingActiveAndExpiredByTime) {
  KeyRecord record = SampleRecord();
  EXPECT_EQ(record.StateAt(record.not_before - 1), KeyState::kPending);
  EXPECT_EQ(record.StateAt(record.not_before), KeyState::kActive);
  EXPECT_EQ(record.StateAt(record.expires - 1), KeyState::kActive);
  EXPECT_EQ(record.StateAt(record.expires), KeyState::kExpired);
}

TEST(KeyRecord, ShowsRevokedBeforePausedBeforeTimes) {
  KeyRecord record = SampleRecord();
  for (const UnixSeconds now : {record.not_before - 1, record.not_before, record.expires}) {
    record.state = RecordState::kPaused;
    EXPECT_EQ(record.StateAt(now), KeyState::kPaused);
    record.state = RecordState::kRevoked;
    EXPECT_EQ(record.StateAt(now), KeyState::kRevoked);
  }
}

TEST(KeyState, HasANameBothWays) {
  for (const KeyState state :
       {KeyState::kPending, KeyState::kActive, KeyState::kPaused, KeyState::kExpired, KeyState::kRevoked}) {
    EXPECT_EQ(ParseKeyState(KeyStateName(state)), state);
  }
  EXPECT_EQ(KeyStateName(KeyState::kRevoked), "revoked");
  EXPECT_FALSE(ParseKeyState("grace"));
  EXPECT_FALSE(ParseKeyState(""));
}

}  // namespace
}  // namespace claviger::keys
