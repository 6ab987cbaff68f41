#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/unit/api/snapshot_fixture.h"

namespace claviger::api {
namespace {

TEST_F(CacheSnapshotTest, IsIgnoredIfTheDatabaseIsNotTheSame) {
  for (const auto& change : std::vector<std::function<void(StoreMoment&)>>{
           [](StoreMoment& moment) { ++moment.sequence; }, [](StoreMoment& moment) { --moment.sequence; },
           [](StoreMoment& moment) { moment.newest_act[31] ^= 1; },
           [](StoreMoment& moment) { ++moment.schema; }}) {
    Leave({RecordOf(1)});
    StoreMoment moment = Moment();
    change(moment);
    ExpectIgnored(Place(), moment, "the database is another");
  }
}

TEST_F(CacheSnapshotTest, IsIgnoredWithAnotherTokenOrInstallation) {
  Leave({RecordOf(1)});
  keys::SoftwareToken other(2);
  ExpectIgnored({Path(), other, Place().installation}, Moment(), "another installation's");
  Leave({RecordOf(1)});
  ExpectIgnored({Path(), token_, "1123456789abcdef0123456789abcdef"}, Moment(), "another installation's");
  Leave({RecordOf(1)});
  token_.SetReady(false);
  ExpectIgnored(Place(), Moment(), "the token is not ready");
}

TEST_F(CacheSnapshotTest, IsIgnoredIfTheClockWasSetBack) {
  Leave({RecordOf(1)});
  time_.wall -= 1;
  ExpectIgnored(Place(), Moment(), "clock");
}

TEST_F(CacheSnapshotTest, IsUsedOnce) {
  Leave({RecordOf(1)});
  const auto copy = ReadFile(Path(), 1 << 20);
  ASSERT_TRUE(copy);
  Loaded first(time_);
  ASSERT_TRUE(first.Claim(Place(), Moment()));
  Loaded second(time_);
  EXPECT_FALSE(second.Claim(Place(), Moment()));
  // Who puts back a copy must put back the database as well: the next act of the first daemon differs.
  ASSERT_TRUE(ReplaceFile(Path(), *copy, 0600));
  StoreMoment later = Moment();
  ++later.sequence;
  later.newest_act.fill(4);
  ExpectIgnored(Place(), later, "the database is another");
}

TEST_F(CacheSnapshotTest, ADamagedEndLeavesWhatStandsBeforeIt) {
  std::vector<KeyRecord> records;
  for (std::uint32_t i = 0; i < 10000; ++i) records.push_back(RecordOf(i));
  Leave(records);
  auto bytes = ReadFile(Path(), 1 << 24);
  ASSERT_TRUE(bytes);
  bytes->resize(bytes->size() - 1);
  ASSERT_TRUE(ReplaceFile(Path(), *bytes, 0600));
  Loaded next(time_);
  ASSERT_TRUE(next.Claim(Place(), Moment()));
  next.Start();
  EXPECT_NE(next.Line().find("the rest of what the cache knew then is not used: it is damaged"),
            std::string::npos)
      << next.Line();
  EXPECT_EQ(next.severity(), Severity::kWarning);
  EXPECT_GT(next.host.cache.size(), 0U);
  EXPECT_LT(next.host.cache.size(), records.size());
  for (const KeyRecord& record : records) {
    const auto entry = next.host.cache.Find(record.id);
    EXPECT_TRUE(!entry || entry->IsOf(record));
  }
}

TEST_F(CacheSnapshotTest, ADamagedHeadLeavesNothing) {
  Leave({RecordOf(1)});
  auto bytes = ReadFile(Path(), 1 << 20);
  ASSERT_TRUE(bytes);
  bytes->at(70) = static_cast<char>(bytes->at(70) ^ 1);
  ASSERT_TRUE(ReplaceFile(Path(), *bytes, 0600));
  ExpectIgnored(Place(), Moment(), "damaged");
}

TEST_F(CacheSnapshotTest, WhatHasChangedSinceTheClaimStaysAsItIs) {
  Leave({RecordOf(1), RecordOf(2), RecordOf(3)});
  Loaded next(time_);
  ASSERT_TRUE(next.Claim(Place(), Moment()));
  KeyRecord revoked = RecordOf(1);
  ++revoked.version;
  revoked.state = keys::RecordState::kRevoked;
  next.host.Put(revoked);
  next.host.cache.Erase(RecordOf(2).id);
  next.Start();
  EXPECT_EQ(next.Line(), "1 keys are confirmed as they were before the restart");
  EXPECT_TRUE(next.host.cache.Find(revoked.id)->IsOf(revoked));
  EXPECT_FALSE(next.host.Knows(RecordOf(1)));
  EXPECT_EQ(next.host.cache.Find(RecordOf(2).id), nullptr);
  EXPECT_TRUE(next.host.Knows(RecordOf(3)));
}

TEST_F(CacheSnapshotTest, LockingOrARollbackAfterTheClaimLeavesNothing) {
  for (const bool locks : {true, false}) {
    Leave({RecordOf(1)});
    Loaded next(time_);
    ASSERT_TRUE(next.Claim(Place(), Moment()));
    if (locks) {
      next.host.cache.DropProofs();
    } else {
      next.host.cache.Clear();
    }
    next.Start();
    EXPECT_NE(next.Line().find("emptied meanwhile"), std::string::npos) << next.Line();
    EXPECT_EQ(next.host.cache.size(), 0U);
  }
}

TEST_F(CacheSnapshotTest, ASmallerCacheTakesWhatItHasRoomFor) {
  std::vector<KeyRecord> records;
  for (std::uint32_t i = 0; i < 1000; ++i) records.push_back(RecordOf(i));
  Leave(records);
  Loaded next(time_, 64);
  ASSERT_TRUE(next.Claim(Place(), Moment()));
  next.Start();
  next.Line();
  EXPECT_LE(next.host.cache.size(), 64U);
}

TEST_F(CacheSnapshotTest, IsNotWrittenWhileTheClockIsSuspectOrTheTokenAway) {
  Host host(time_);
  host.PutProved(RecordOf(1));
  token_.SetReady(false);
  EXPECT_FALSE(host.snapshot.Write(Place(), Moment(), *host.live));
  token_.SetReady(true);
  time_.wall += 10 * keys::kDay;
  (void)host.clock.Now();
  ASSERT_TRUE(host.clock.suspect());
  EXPECT_FALSE(host.snapshot.Write(Place(), Moment(), *host.live));
  EXPECT_FALSE(Exists(Path()));
  EXPECT_FALSE(Exists(SealedPieceWriter::UnfinishedPath(Path())));
}

TEST_F(CacheSnapshotTest, WithoutOneNothingIsSaid) {
  Host host(time_);
  const keys::Proof proof = host.proof_key.Prove("a");
  EXPECT_FALSE(host.snapshot.Claim(Place(), Moment(), host.live));
  EXPECT_TRUE(host.lines.empty());
  EXPECT_EQ(host.proof_key.Prove("a"), proof) << "the proof key stays";
}

}  // namespace
}  // namespace claviger::api
