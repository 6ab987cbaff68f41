#include "daemon/keys/key_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/keys/sample_records.h"

namespace claviger::keys {
namespace {

constexpr std::size_t kOneEach = 64;  // entries, one in each shard

// Ids of one shard: the shard is in the upper bits of a product of the last eight bytes, and these bytes are
// chosen so that the product is small.
KeyId IdInOneShard(std::uint8_t number) {
  constexpr std::uint64_t kInverse = 0xF1DE83E19937733DU;  // of the factor that the cache uses
  const std::uint64_t value = (std::uint64_t{number} << 20) * kInverse;
  KeyId id;
  for (std::size_t i = 0; i < 8; ++i) id.bytes[4 + i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
  return id;
}

class KeyCacheTest : public ::testing::Test {
 protected:
  KeyEntryPtr Entry(const KeyId& id, std::uint64_t version = 1) const {
    KeyRecord record = SampleRecord();
    record.id = id;
    record.version = version;
    // So that who finds an entry sees of which version it is.
    record.name = std::to_string(version);
    return KeyEntry::Make(record, profile_);
  }

  const KeyProfilePtr profile_{new KeyProfile(SampleRecord(), SampleCatalogue(), "")};
};

TEST_F(KeyCacheTest, FindsWhatWasPutAndNothingElse) {
  KeyCache cache(1000);
  const KeyEntryPtr entry = Entry(KeyId::Make(kTestNow));
  cache.Put(entry);
  EXPECT_EQ(cache.Find(entry->id()), entry);
  EXPECT_EQ(cache.Find(KeyId::Make(kTestNow)), nullptr);
  EXPECT_EQ(cache.size(), 1U);
}

TEST_F(KeyCacheTest, AReplacedEntryIsSuperseded) {
  KeyCache cache(1000);
  const KeyId id = KeyId::Make(kTestNow);
  const KeyEntryPtr old = Entry(id, 1), next = Entry(id, 2);
  cache.Put(old);
  cache.Put(next);
  EXPECT_TRUE(old->superseded());
  EXPECT_FALSE(next->superseded());
  EXPECT_EQ(cache.Find(id), next);
  EXPECT_EQ(cache.size(), 1U);
  cache.Put(next);
  EXPECT_FALSE(next->superseded()) << "an entry does not replace itself";
}

TEST_F(KeyCacheTest, ErasedAndClearedEntriesAreSupersededAndGone) {
  KeyCache cache(1000);
  std::vector<KeyEntryPtr> entries;
  for (int i = 0; i < 200; ++i) entries.push_back(Entry(KeyId::Make(kTestNow + i)));
  for (const KeyEntryPtr& entry : entries) cache.Put(entry);
  cache.Erase(entries[0]->id());
  cache.Erase(entries[0]->id());
  EXPECT_TRUE(entries[0]->superseded());
  EXPECT_EQ(cache.Find(entries[0]->id()), nullptr);
  for (std::size_t i = 1; i < entries.size(); ++i) EXPECT_EQ(cache.Find(entries[i]->id()), entries[i]);
  cache.Clear();
  EXPECT_EQ(cache.size(), 0U);
  for (const KeyEntryPtr& entry : entries) {
    EXPECT_TRUE(entry->superseded());
    EXPECT_EQ(cache.Find(entry->id()), nullptr);
  }
  cache.Put(Entry(KeyId::Make(kTestNow)));
  EXPECT_EQ(cache.size(), 1U);
}

TEST_F(KeyCacheTest, DropsProofsAndKeepsEntries) {
  KeyCache cache(1000);
  const Proof proof{1, 2};
  const KeyEntryPtr entry = Entry(KeyId::Make(kTestNow));
  cache.Put(entry);
  entry->HoldProof(2, proof, SteadyNow() + std::chrono::minutes(5));
  ASSERT_TRUE(entry->ProvedGeneration(proof, SteadyNow()));
  cache.DropProofs();
  EXPECT_FALSE(entry->ProvedGeneration(proof, SteadyNow()));
  EXPECT_EQ(cache.Find(entry->id()), entry);
  EXPECT_FALSE(entry->superseded());
}

TEST_F(KeyCacheTest, StaysWithinItsCapacity) {
  KeyCache cache(640);
  for (int i = 0; i < 5000; ++i) cache.Put(Entry(KeyId::Make(kTestNow + i)));
  EXPECT_EQ(cache.size(), 640U);
  KeyCache smallest(0);
  for (int i = 0; i < 1000; ++i) smallest.Put(Entry(KeyId::Make(kTestNow + i)));
  EXPECT_LE(smallest.size(), kOneEach);
  EXPECT_GT(smallest.size(), 0U);
}

TEST_F(KeyCacheTest, KeepsWhatIsAskedForAndLetsOthersGo) {
  KeyCache cache(4);
  for (std::uint8_t i = 0; i < 4; ++i) cache.Put(Entry(IdInOneShard(i)));
  for (std::uint8_t i = 4; i < 100; ++i) {
    ASSERT_NE(cache.Find(IdInOneShard(0)), nullptr) << static_cast<int>(i);
    cache.Put(Entry(IdInOneShard(i)));
  }
  EXPECT_NE(cache.Find(IdInOneShard(0)), nullptr);
  EXPECT_EQ(cache.Find(IdInOneShard(1)), nullptr);
  EXPECT_EQ(cache.size(), 4U);
}

TEST_F(KeyCacheTest, AnEntryThatSomeoneHoldsStaysWhileOthersCanGo) {
  KeyCache cache(4);
  const KeyEntryPtr held = Entry(IdInOneShard(0));
  cache.Put(held);
  for (std::uint8_t i = 1; i < 100; ++i) cache.Put(Entry(IdInOneShard(i)));
  EXPECT_FALSE(held->superseded());
  EXPECT_EQ(cache.Find(IdInOneShard(0)), held);
}

TEST_F(KeyCacheTest, AHeldEntryThatMustGoAllTheSameIsSuperseded) {
  KeyCache cache(2);
  std::vector<KeyEntryPtr> held;
  for (std::uint8_t i = 0; i < 3; ++i) {
    held.push_back(Entry(IdInOneShard(i)));
    cache.Put(held.back());
  }
  EXPECT_EQ(cache.size(), 2U);
  int gone = 0;
  for (const KeyEntryPtr& entry : held) {
    const bool cached = cache.Find(entry->id()) != nullptr;
    EXPECT_NE(cached, entry->superseded());
    if (!cached) ++gone;
  }
  EXPECT_EQ(gone, 1);
  EXPECT_FALSE(held[2]->superseded()) << "the newest stays";
}

TEST_F(KeyCacheTest, HoldsAsManyAsItsCapacityHoweverOftenTheyAreReplacedAndErased) {
  KeyCache cache(20000);
  std::vector<KeyId> ids;
  for (int i = 0; i < 10000; ++i) ids.push_back(KeyId::Make(kTestNow + i));
  for (std::uint64_t round = 1; round <= 5; ++round) {
    for (const KeyId& id : ids) cache.Put(Entry(id, round));
    for (std::size_t i = 0; i < ids.size(); i += 2) cache.Erase(ids[i]);
    EXPECT_EQ(cache.size(), ids.size() / 2);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const KeyEntryPtr entry = cache.Find(ids[i]);
      ASSERT_EQ(entry != nullptr, i % 2 == 1);
      EXPECT_EQ(std::string(entry ? entry->name() : ""), i % 2 == 1 ? std::to_string(round) : "");
    }
  }
}

TEST_F(KeyCacheTest, CallsForEveryEntry) {
  KeyCache cache(1000);
  for (int i = 0; i < 300; ++i) cache.Put(Entry(KeyId::Make(kTestNow + i)));
  int seen = 0;
  cache.ForEach([&](const KeyEntry&) { ++seen; });
  EXPECT_EQ(seen, 300);
}

// Reads as loops do, without a lock: what it is given must stay whole until its section ends.
class Reader {
 public:
  Reader(KeyCache& cache, const KeyId& id, const std::atomic<std::uint64_t>& put,
         const std::atomic<bool>& stop)
      : cache_(cache), id_(id), put_(put), stop_(stop), thread_([this] { Run(); }) {}
  int JoinAndCountStale() {
    thread_.join();
    return stale_;
  }

 private:
  void Run() {
    const ReadEpochs::Reader reader(cache_.epochs());
    while (!stop_.load()) {
      const ReadEpochs::Section section(reader);
      const std::uint64_t acknowledged = put_.load();
      cache_.Prefetch(id_);
      cache_.PrefetchEntry(id_);
      const KeyEntry* const entry = cache_.Peek(id_);
      if (entry == nullptr) continue;
      const std::uint64_t version = std::stoull(std::string(entry->name()));
      if (version < acknowledged) ++stale_;
      // An entry that is not superseded now was the newest when it was looked at.
      const std::uint64_t before = put_.load();
      if (!entry->superseded() && version < before) ++stale_;
    }
  }

  KeyCache& cache_;
  const KeyId id_;
  const std::atomic<std::uint64_t>& put_;
  const std::atomic<bool>& stop_;
  int stale_ = 0;
  std::thread thread_;
};

// The promise on which revocation rests: who finds an entry after a newer one was put never finds the older.
TEST_F(KeyCacheTest, WhoLooksAfterAPutNeverSeesTheOldVersion) {
  KeyCache cache(4 * kOneEach);
  const KeyId id = KeyId::Make(kTestNow);
  std::atomic<std::uint64_t> put{0};
  std::atomic<bool> stop{false};
  std::vector<std::unique_ptr<Reader>> readers;
  for (int i = 0; i < 3; ++i) readers.push_back(std::make_unique<Reader>(cache, id, put, stop));
  for (std::uint64_t version = 1; version <= 3000; ++version) {
    cache.Put(Entry(id, version));
    put = version;
    for (int i = 0; i < 4; ++i) cache.Put(Entry(KeyId::Make(kTestNow)));
    if (version % 500 == 0) cache.DropProofs();
    if (version % 700 == 0) cache.Erase(id);
    if (version % 900 == 0) cache.Clear();
  }
  stop = true;
  for (const auto& reader : readers) EXPECT_EQ(reader->JoinAndCountStale(), 0);
}

TEST_F(KeyCacheTest, LoadingAddsWhatIsMissingAndReplacesNothing) {
  KeyCache cache(1000);
  const KeyEntryPtr present = Entry(IdInOneShard(1), 2);
  cache.Put(present);
  cache.BeginLoading();
  const KeyEntryPtr missing = Entry(IdInOneShard(2));
  EXPECT_EQ(cache.Load(missing), KeyCache::Loaded::kTaken);
  EXPECT_EQ(cache.Load(Entry(IdInOneShard(2))), KeyCache::Loaded::kLeft);
  EXPECT_EQ(cache.Load(Entry(IdInOneShard(1))), KeyCache::Loaded::kLeft);
  EXPECT_EQ(cache.Find(IdInOneShard(1)), present);
  EXPECT_EQ(cache.Find(IdInOneShard(2)), missing);
  EXPECT_FALSE(present->superseded());
  cache.EndLoading();
  EXPECT_EQ(cache.Load(Entry(IdInOneShard(3))), KeyCache::Loaded::kEnded);
  EXPECT_EQ(cache.size(), 2U);
}

TEST_F(KeyCacheTest, LargerTablesForALoadingHoldWhatWasThereAndWhatIsLoadedInTheOrderOfOthers) {
  constexpr std::size_t kOld = 100, kLoaded = 3000;
  KeyCache source(kLoaded), cache(2 * kLoaded);
  for (std::size_t i = 0; i < kLoaded; ++i) source.Put(Entry(KeyId::Make(kTestNow)));
  std::vector<KeyEntryPtr> all;
  for (std::size_t i = 0; i < kOld; ++i) all.push_back(Entry(KeyId::Make(kTestNow)));
  for (const KeyEntryPtr& entry : all) cache.Put(entry);
  cache.BeginLoading();
  cache.ExpectToHold(kLoaded);
  source.ForEach([&](const KeyEntry& entry) { all.push_back(Entry(entry.id())); });
  for (std::size_t i = kOld; i < all.size(); ++i) {
    ASSERT_EQ(cache.Load(all[i]), KeyCache::Loaded::kTaken);
  }
  for (const KeyEntryPtr& entry : all) EXPECT_EQ(cache.Find(entry->id()), entry);
  EXPECT_EQ(cache.size(), kOld + kLoaded);
  cache.ExpectToHold(1);  // no table becomes smaller
  EXPECT_EQ(cache.Find(all.back()->id()), all.back());
}

TEST_F(KeyCacheTest, NothingIsLoadedBeforeItHasBegun) {
  KeyCache cache(1000);
  EXPECT_EQ(cache.Load(Entry(IdInOneShard(1))), KeyCache::Loaded::kEnded);
  EXPECT_EQ(cache.size(), 0U);
}

TEST_F(KeyCacheTest, WhatHasChangedWhileLoadingIsNotLoadedEvenIfItIsNoLongerThere) {
  KeyCache cache(1);
  cache.BeginLoading();
  cache.Put(Entry(IdInOneShard(1), 2));
  cache.Put(Entry(IdInOneShard(2)));  // which takes the only room
  ASSERT_EQ(cache.Find(IdInOneShard(1)), nullptr);
  cache.Erase(IdInOneShard(2));
  cache.Erase(IdInOneShard(3));
  for (std::uint8_t i = 1; i <= 3; ++i) {
    EXPECT_EQ(cache.Load(Entry(IdInOneShard(i))), KeyCache::Loaded::kLeft) << static_cast<int>(i);
  }
  EXPECT_EQ(cache.Load(Entry(IdInOneShard(4))), KeyCache::Loaded::kTaken);
}

TEST_F(KeyCacheTest, ALoadedEntryIsSupersededByAChange) {
  KeyCache cache(1000);
  cache.BeginLoading();
  const KeyEntryPtr loaded = Entry(IdInOneShard(1)), changed = Entry(IdInOneShard(1), 2);
  ASSERT_EQ(cache.Load(loaded), KeyCache::Loaded::kTaken);
  cache.Put(changed);
  EXPECT_TRUE(loaded->superseded());
  EXPECT_EQ(cache.Find(IdInOneShard(1)), changed);
}

TEST_F(KeyCacheTest, WhatHasChangedWhileLoadingAndWasNotThereYetIsNotLoaded) {
  KeyCache cache(1000);
  cache.BeginLoading();
  EXPECT_FALSE(cache.NoteChange(IdInOneShard(1)));
  EXPECT_EQ(cache.Load(Entry(IdInOneShard(1))), KeyCache::Loaded::kLeft) << "it is as it was before";
  ASSERT_EQ(cache.Load(Entry(IdInOneShard(2))), KeyCache::Loaded::kTaken);
  EXPECT_TRUE(cache.NoteChange(IdInOneShard(2))) << "whoever is told so puts the new one";
}

TEST_F(KeyCacheTest, LoadingMakesNoRoomForItself) {
  KeyCache cache(1);
  cache.Put(Entry(IdInOneShard(1)));
  cache.BeginLoading();
  EXPECT_EQ(cache.Load(Entry(IdInOneShard(2))), KeyCache::Loaded::kLeft);
  EXPECT_NE(cache.Find(IdInOneShard(1)), nullptr);
}

TEST_F(KeyCacheTest, ClearAndDropProofsEndALoading) {
  KeyCache cache(1000);
  cache.BeginLoading();
  ASSERT_EQ(cache.Load(Entry(IdInOneShard(1))), KeyCache::Loaded::kTaken);
  cache.Clear();
  EXPECT_EQ(cache.Load(Entry(IdInOneShard(2))), KeyCache::Loaded::kEnded);
  cache.BeginLoading();
  cache.DropProofs();
  EXPECT_EQ(cache.Load(Entry(IdInOneShard(2))), KeyCache::Loaded::kEnded);
  EXPECT_EQ(cache.size(), 0U);
}

// While one thread loads the first version of every key, another puts the second or erases it: the first is
// never what is left, and after DropProofs no proof is.
TEST_F(KeyCacheTest, LoadingOverlapsWithChangesAndNeverWins) {
  constexpr int kKeys = 3000;
  const Proof proof{1, 2};
  std::vector<KeyId> ids;
  for (int i = 0; i < kKeys; ++i) ids.push_back(KeyId::Make(kTestNow + i));
  KeyCache cache(10 * kKeys);
  cache.BeginLoading();
  std::atomic<int> taken{0};
  std::thread loader([&] {
    for (const KeyId& id : ids) {
      const KeyEntryPtr entry = Entry(id);
      entry->HoldProof(2, proof, SteadyNow() + std::chrono::minutes(5));
      if (cache.Load(entry) == KeyCache::Loaded::kTaken) ++taken;
    }
  });
  for (int i = kKeys - 1; i >= 0; --i) {
    const KeyId& id = ids[static_cast<std::size_t>(i)];
    if (i % 3 == 0) {
      cache.Erase(id);
    } else if (i % 3 == 1) {
      cache.Put(Entry(id, 2));
    } else if (i == kKeys / 6 * 3 + 2) {
      cache.DropProofs();
    }
  }
  loader.join();
  for (int i = 0; i < kKeys; ++i) {
    const KeyEntryPtr found = cache.Find(ids[static_cast<std::size_t>(i)]);
    ASSERT_TRUE(i % 3 == 2 || (found != nullptr) == (i % 3 == 1)) << i;
    EXPECT_TRUE(i % 3 != 1 || found->name() == "2") << i;
    EXPECT_TRUE(!found || !found->ProvedGeneration(proof, SteadyNow())) << i;
  }
}

}  // namespace
}  // namespace claviger::keys
