#include "daemon/api/cache_snapshot.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/api/snapshot_fixture.h"

namespace claviger::api {
namespace {

TEST_F(CacheSnapshotTest, TheNextDaemonKnowsWhatThisOneKnew) {
  std::vector<KeyRecord> records;
  for (std::uint32_t i = 0; i < 10000; ++i) records.push_back(RecordOf(i));
  records[5].owner = "bob";
  records[6].unscoped = true;
  records[6].scopes.clear();
  records[7].not_before = kTestNow + 50;
  Leave(records);

  Loaded next(time_);
  ASSERT_TRUE(next.Claim(Place(), Moment()));
  EXPECT_FALSE(Exists(Path()));
  EXPECT_EQ(next.host.cache.size(), 0U) << "nothing before it is started";
  next.Start();
  EXPECT_EQ(next.Line(), "10000 keys are confirmed as they were before the restart");
  EXPECT_EQ(next.host.cache.size(), records.size());
  for (const KeyRecord& record : records) {
    ASSERT_TRUE(next.host.Knows(record));
    const auto entry = next.host.cache.Find(record.id);
    ASSERT_TRUE(entry->IsOf(record));
    ASSERT_EQ(entry->name(), record.name);
    ASSERT_EQ(entry->profile().owner(), record.owner);
    ASSERT_EQ(entry->profile().unscoped(), record.unscoped);
    ASSERT_EQ(&entry->profile(), next.host.profiles.Of(record, next.host.live->catalogue).get());
    for (const UnixSeconds now : {kTestNow, kTestNow + 60, kTestNow + 5 * keys::kDay, record.expires}) {
      for (const std::uint32_t generation : {1U, 2U}) {
        ASSERT_EQ(
            Decide(*entry, generation, {}, now),
            Decide(*keys::KeyEntry::Make(record, next.host.profiles.Of(record, next.host.live->catalogue)),
                   generation, {}, now));
      }
    }
  }
}

TEST_F(CacheSnapshotTest, WhatIsStillBeingLoadedIsLeftToTheNextStartToo) {
  std::vector<KeyRecord> records;
  for (std::uint32_t i = 0; i < 50000; ++i) records.push_back(RecordOf(i));
  Leave(records);
  Host next(time_);
  ASSERT_TRUE(next.snapshot.Claim(Place(), Moment(), next.live));
  next.snapshot.StartLoading();
  const auto written = next.snapshot.Write(Place(), Moment(), *next.live);
  ASSERT_TRUE(written) << written.error().message();
  EXPECT_EQ(*written, records.size());
}

TEST_F(CacheSnapshotTest, OnlyProvedActiveKeysAreLeft) {
  Host host(time_);
  KeyRecord paused = RecordOf(1), revoked = RecordOf(2), expired = RecordOf(3);
  paused.state = keys::RecordState::kPaused;
  revoked.state = keys::RecordState::kRevoked;
  expired.expires = kTestNow;
  for (const KeyRecord& record : {paused, revoked, expired}) host.PutProved(record);
  host.Put(RecordOf(4));
  host.PutProved(RecordOf(5), seconds(-1));
  host.PutProved(RecordOf(6));
  const auto written = host.snapshot.Write(Place(), Moment(), *host.live);
  ASSERT_TRUE(written);
  EXPECT_EQ(*written, 1U);
}

TEST_F(CacheSnapshotTest, APreviousGenerationGoesAlongWithTheEndOfItsGrace) {
  KeyRecord open = RecordOf(1), over = RecordOf(2);
  open.generations.front().until_used = over.generations.front().until_used = true;
  Host host(time_);
  for (const KeyRecord& record : {open, over}) {
    const auto entry = host.PutProved(record);
    entry->HoldProof(1, host.proof_key.Prove("old " + record.name), SteadyNow() + minutes(1));
  }
  ASSERT_TRUE(host.cache.Find(over.id)->EndGrace(2, kTestNow));
  ASSERT_TRUE(host.snapshot.Write(Place(), Moment(), *host.live));

  Loaded next(time_);
  ASSERT_TRUE(next.Claim(Place(), Moment()));
  next.Start();
  next.Line();
  for (const KeyRecord& record : {open, over}) {
    const auto entry = next.host.cache.Find(record.id);
    ASSERT_TRUE(entry);
    const keys::Proof old = next.host.proof_key.Prove("old " + record.name);
    EXPECT_EQ(entry->ProvedGeneration(old, SteadyNow()), 1U);
    EXPECT_FALSE(entry->ProvedGeneration(old, SteadyNow() + minutes(1)));
    EXPECT_EQ(Decide(*entry, 1, {}, kTestNow),
              record.id == open.id ? keys::VerdictCode::kValid : keys::VerdictCode::kExpired);
    EXPECT_EQ(Decide(*entry, 2, {}, kTestNow), keys::VerdictCode::kValid);
  }
}

TEST_F(CacheSnapshotTest, AProofHoldsNoLongerThanItWouldHave) {
  Leave({RecordOf(1)});
  time_.wall += 200;
  time_.boottime += 200;
  Loaded next(time_);
  const SteadyTime before = SteadyNow();
  ASSERT_TRUE(next.Claim(Place(), Moment()));
  next.Start();
  next.Line();
  EXPECT_TRUE(next.host.Knows(RecordOf(1), before + seconds(90)));
  EXPECT_FALSE(next.host.Knows(RecordOf(1), SteadyNow() + seconds(100)));
}

TEST_F(CacheSnapshotTest, AProofThatHasEndedMeanwhileIsNotLoaded) {
  for (const bool by_wall : {true, false}) {
    Leave({RecordOf(1)});
    (by_wall ? time_.wall : time_.boottime) += 300;
    Loaded next(time_);
    ASSERT_TRUE(next.Claim(Place(), Moment()));
    next.Start();
    EXPECT_EQ(next.Line(), "0 keys are confirmed as they were before the restart");
    EXPECT_EQ(next.host.cache.size(), 0U);
  }
}

TEST_F(CacheSnapshotTest, AHostThatWasStartedAnewGoesByTheWallClock) {
  Leave({RecordOf(1)});
  time_.wall += 100;
  time_.boottime = 10;
  Loaded next(time_);
  ASSERT_TRUE(next.Claim(Place(), Moment()));
  next.Start();
  next.Line();
  EXPECT_TRUE(next.host.Knows(RecordOf(1)));
  EXPECT_FALSE(next.host.Knows(RecordOf(1), SteadyNow() + seconds(200)));
}

TEST_F(CacheSnapshotTest, AShorterLifeOfProofsHoldsForThemToo) {
  Leave({RecordOf(1)});
  Loaded next(time_);
  LiveSettings strict = *next.host.live;
  strict.proof_lifetime = seconds(20);
  ASSERT_TRUE(next.Claim(Place(), Moment(), std::make_shared<const LiveSettings>(strict)));
  next.Start();
  next.Line();
  EXPECT_TRUE(next.host.Knows(RecordOf(1), SteadyNow() + seconds(1)));
  EXPECT_FALSE(next.host.Knows(RecordOf(1), SteadyNow() + seconds(20)));
}

TEST_F(CacheSnapshotTest, AnotherCatalogueHoldsForTheKeysThatAreLoaded) {
  Leave({RecordOf(1)});
  Loaded next(time_);
  LiveSettings other = *next.host.live;
  auto catalogue = keys::Catalogue::Build({{"other.toml",
                                            "[[scope]]\nname = \"read:accounts:admin\"\nsummary = \"a\"\n"
                                            "[[scope]]\nname = \"read:domains:admin\"\nsummary = \"b\"\n"}});
  ASSERT_TRUE(catalogue);
  other.catalogue = *catalogue;
  ASSERT_TRUE(next.Claim(Place(), Moment(), std::make_shared<const LiveSettings>(other)));
  next.Start();
  next.Line();
  const auto entry = next.host.cache.Find(RecordOf(1).id);
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->profile().catalogue(), catalogue->get());
  EXPECT_FALSE(entry->profile().scopes().Has(0));
  EXPECT_TRUE(entry->profile().scopes().Has(1));
}

}  // namespace
}  // namespace claviger::api
