#include "daemon/keys/key_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/unit/keys/sample_records.h"

namespace claviger::keys {
namespace {

constexpr std::size_t kOneEach = 64;  // capacity for one entry in each shard

// An id whose hash, and so whose shard, is chosen: the hash is made of the last eight bytes.
KeyId IdInOneShard(std::uint8_t number) {
  KeyId id;
  id.bytes[11] = number;
  return id;
}

class KeyCacheTest : public ::testing::Test {
 protected:
  KeyEntryPtr Entry(const KeyId& id, std::uint64_t version = 1) const {
    KeyRecord record = SampleRecord();
    record.id = id;
    record.version = version;
    return std::make_shared<KeyEntry>(record, catalogue_, std::vector<std::string>{"", ""});
  }

  std::shared_ptr<const Catalogue> catalogue_ = SampleCatalogue();
};

TEST_F(KeyCacheTest, FindsWhatWasPutAndNothingElse) {
  KeyCache cache(1000);
  const KeyEntryPtr entry = Entry(KeyId::Make(kTestNow));
  cache.Put(entry);
  EXPECT_EQ(cache.Find(entry->record().id), entry);
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
  cache.Erase(entries[0]->record().id);
  cache.Erase(entries[0]->record().id);
  EXPECT_TRUE(entries[0]->superseded());
  EXPECT_EQ(cache.Find(entries[0]->record().id), nullptr);
  for (std::size_t i = 1; i < entries.size(); ++i) EXPECT_EQ(cache.Find(entries[i]->record().id), entries[i]);
  cache.Clear();
  EXPECT_EQ(cache.size(), 0U);
  for (const KeyEntryPtr& entry : entries) {
    EXPECT_TRUE(entry->superseded());
    EXPECT_EQ(cache.Find(entry->record().id), nullptr);
  }
  cache.Put(Entry(KeyId::Make(kTestNow)));
  EXPECT_EQ(cache.size(), 1U);
}

TEST_F(KeyCacheTest, DropsProofsAndKeepsEntries) {
  KeyCache cache(1000);
  const ProofKey proof_key;
  const KeySecret secret;
  const KeyEntryPtr entry = Entry(KeyId::Make(kTestNow));
  cache.Put(entry);
  entry->HoldProof(2, proof_key.Prove(entry->record().id, 2, secret), SteadyNow() + std::chrono::minutes(5));
  ASSERT_TRUE(entry->ProvedGeneration(proof_key, secret, SteadyNow()));
  cache.DropProofs();
  EXPECT_FALSE(entry->ProvedGeneration(proof_key, secret, SteadyNow()));
  EXPECT_EQ(cache.Find(entry->record().id), entry);
  EXPECT_FALSE(entry->superseded());
}

TEST_F(KeyCacheTest, StaysWithinItsCapacity) {
  KeyCache cache(640);
  for (int i = 0; i < 5000; ++i) cache.Put(Entry(KeyId::Make(kTestNow + i)));
  EXPECT_LE(cache.size(), 640U);
  EXPECT_GT(cache.size(), 500U);
  KeyCache smallest(0);
  for (int i = 0; i < 1000; ++i) smallest.Put(Entry(KeyId::Make(kTestNow + i)));
  EXPECT_LE(smallest.size(), kOneEach);
  EXPECT_GT(smallest.size(), 0U);
}

TEST_F(KeyCacheTest, KeepsWhatIsAskedForAndLetsOthersGo) {
  KeyCache cache(4 * kOneEach);
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
  KeyCache cache(4 * kOneEach);
  const KeyEntryPtr held = Entry(IdInOneShard(0));
  cache.Put(held);
  for (std::uint8_t i = 1; i < 100; ++i) cache.Put(Entry(IdInOneShard(i)));
  EXPECT_FALSE(held->superseded());
  EXPECT_EQ(cache.Find(IdInOneShard(0)), held);
}

TEST_F(KeyCacheTest, AHeldEntryThatMustGoAllTheSameIsSuperseded) {
  KeyCache cache(2 * kOneEach);
  std::vector<KeyEntryPtr> held;
  for (std::uint8_t i = 0; i < 3; ++i) {
    held.push_back(Entry(IdInOneShard(i)));
    cache.Put(held.back());
  }
  EXPECT_EQ(cache.size(), 2U);
  int gone = 0;
  for (const KeyEntryPtr& entry : held) {
    const bool cached = cache.Find(entry->record().id) != nullptr;
    EXPECT_NE(cached, entry->superseded());
    if (!cached) ++gone;
  }
  EXPECT_EQ(gone, 1);
  EXPECT_FALSE(held[2]->superseded()) << "the newest stays";
}

// The promise on which revocation rests: who finds an entry after a newer one was put never finds the older.
TEST_F(KeyCacheTest, AFindAfterAPutNeverSeesTheOldVersion) {
  KeyCache cache(4 * kOneEach);
  const KeyId id = KeyId::Make(kTestNow);
  std::atomic<std::uint64_t> put{0};
  std::atomic<bool> stop{false};
  std::atomic<int> stale{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop.load()) {
        const std::uint64_t acknowledged = put.load();
        const KeyEntryPtr entry = cache.Find(id);
        if (!entry) continue;
        if (entry->record().version < acknowledged) ++stale;
        // An entry that is not superseded now was the newest when it was looked at.
        const std::uint64_t before = put.load();
        if (!entry->superseded() && entry->record().version < before) ++stale;
      }
    });
  }
  for (std::uint64_t version = 1; version <= 3000; ++version) {
    cache.Put(Entry(id, version));
    put = version;
    cache.Put(Entry(KeyId::Make(kTestNow)));
    if (version % 500 == 0) cache.DropProofs();
    if (version % 700 == 0) cache.Erase(id);
    if (version % 900 == 0) cache.Clear();
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(stale.load(), 0);
}

}  // namespace
}  // namespace claviger::keys
