#include "daemon/api/state_changes.h"

#include <gtest/gtest.h>

#include "tests/unit/api/sample_record.h"

namespace claviger::api {
namespace {

using keys::KeyRecord;
using keys::RecordState;

constexpr UnixSeconds kChangesTime = kSampleTime + 60;

keys::Grantor GrantorOf(const std::string& user, keys::Role role) {
  keys::Grantor grantor;
  grantor.user = user;
  grantor.roles.Add(role);
  return grantor;
}

const keys::Grantor& Issuer() {
  static const keys::Grantor grantor = GrantorOf("alice", keys::Role::kIssuer);
  return grantor;
}

const keys::Grantor& Admin() {
  static const keys::Grantor grantor = GrantorOf("root", keys::Role::kAdmin);
  return grantor;
}

// The record that the change makes; that of SampleRecord with nullopt for "unchanged".
std::optional<KeyRecord> Apply(const StateChange& change, const KeyRecord& record,
                               const keys::Grantor& grantor, const std::string& reason = "") {
  auto changed = change.apply(record, grantor, reason, kChangesTime);
  EXPECT_TRUE(changed);
  return *changed;
}

KeyRecord PausedBy(const keys::Grantor& grantor) {
  return *Apply(kPauseChange, SampleRecord(), grantor, "looks odd");
}

KeyRecord RevokedRecord() { return *Apply(kRevokeChange, SampleRecord(), Admin(), "gone"); }

TEST(StateChanges, RevokingKeepsTimeAndReason) {
  const KeyRecord revoked = RevokedRecord();
  EXPECT_EQ(revoked.state, RecordState::kRevoked);
  EXPECT_EQ(revoked.revoked_at, kChangesTime);
  EXPECT_EQ(revoked.end_reason, "gone");
  EXPECT_EQ(revoked.scopes, SampleRecord().scopes);
}

TEST(StateChanges, RevokingAPausedKeyEndsThePause) {
  const auto revoked = Apply(kRevokeChange, PausedBy(Issuer()), Issuer());
  ASSERT_TRUE(revoked);
  EXPECT_EQ(revoked->state, RecordState::kRevoked);
  EXPECT_EQ(revoked->paused_by, "");
  EXPECT_EQ(revoked->end_reason, "");
}

TEST(StateChanges, PausingNamesWhoDidItAndWhy) {
  const KeyRecord paused = PausedBy(Issuer());
  EXPECT_EQ(paused.state, RecordState::kPaused);
  EXPECT_EQ(paused.paused_by, "alice");
  EXPECT_EQ(paused.end_reason, "looks odd");
}

TEST(StateChanges, ResumingGivesBackTheRecordAsItWas) {
  const auto resumed = Apply(kResumeChange, PausedBy(Issuer()), Issuer());
  ASSERT_TRUE(resumed);
  EXPECT_EQ(*resumed, SampleRecord());
}

TEST(StateChanges, WhatIsSoAlreadyIsLeftAsItIs) {
  EXPECT_FALSE(Apply(kRevokeChange, RevokedRecord(), Admin(), "again"));
  EXPECT_FALSE(Apply(kPauseChange, PausedBy(Issuer()), Issuer(), "again"));
  EXPECT_FALSE(Apply(kPauseChange, PausedBy(Admin()), Admin(), "again"));
  EXPECT_FALSE(Apply(kResumeChange, SampleRecord(), Issuer()));
}

TEST(StateChanges, AnAdminTakesOverThePauseOfAnIssuerAndNotTheReverse) {
  const auto taken = Apply(kPauseChange, PausedBy(Issuer()), Admin(), "under inquiry");
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->paused_by, "root");
  EXPECT_EQ(taken->end_reason, "under inquiry");
  EXPECT_FALSE(Apply(kPauseChange, PausedBy(Admin()), Issuer()));
}

TEST(StateChanges, ARevokedKeyIsNeitherPausedNorResumed) {
  for (const StateChange* change : {&kPauseChange, &kResumeChange}) {
    const auto changed = change->apply(RevokedRecord(), Admin(), "", kChangesTime);
    ASSERT_FALSE(changed) << change->act;
    EXPECT_EQ(changed.error().code(), ErrorCode::kConflict);
  }
}

TEST(StateChanges, OnlyRevokingDoesWithoutAWholeRecord) {
  EXPECT_FALSE(kRevokeChange.checks_record);
  EXPECT_TRUE(kPauseChange.checks_record);
  EXPECT_TRUE(kResumeChange.checks_record);
}

}  // namespace
}  // namespace claviger::api
