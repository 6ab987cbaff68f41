#include "daemon/keys/key_entry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "base/crypto.h"
#include "tests/unit/keys/sample_records.h"

namespace claviger::keys {
namespace {

using std::chrono::minutes;
using std::chrono::nanoseconds;

// Text as random as a key string.
std::string RandomText() {
  std::array<std::uint8_t, 12> bytes;
  FillRandom(bytes);
  std::string text = "clv_";
  for (const std::uint8_t byte : bytes) text += std::to_string(byte) + "_";
  return text;
}

KeyEntryPtr EntryOf(const KeyRecord& record,
                    const std::shared_ptr<const Catalogue>& catalogue = SampleCatalogue()) {
  return KeyEntry::Make(record, KeyProfilePtr(new KeyProfile(record, catalogue, "shared")));
}

TEST(ProofKey, IsAFunctionOfTheKeyString) {
  const ProofKey key;
  const std::string text = RandomText();
  const Proof proof = key.Prove(text);
  EXPECT_EQ(key.Prove(text), proof);
  EXPECT_NE(key.Prove(RandomText()), proof);
  EXPECT_NE(key.Prove(text.substr(1)), proof);
  EXPECT_NE(key.Prove(text + "0"), proof);
  EXPECT_NE(proof.low, proof.high);
}

TEST(ProofKey, ChangesWithEveryBitOfTheText) {
  const ProofKey key;
  std::string text = RandomText();
  const Proof proof = key.Prove(text);
  for (std::size_t bit = 0; bit < 8 * text.size(); ++bit) {
    text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
    EXPECT_NE(key.Prove(text), proof) << bit;
    text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
  }
}

TEST(ProofKey, IsAnotherOneInEveryProcess) {
  EXPECT_NE(ProofKey().Prove("clv_0"), ProofKey().Prove("clv_0"));
}

TEST(ProofSlot, ConfirmsOnlyTheProofItHoldsAndOnlyInItsTime) {
  const SteadyTime now = SteadyNow();
  const Proof proof{1, 2};
  ProofSlot slot;
  EXPECT_FALSE(slot.Confirms(proof, now));
  EXPECT_FALSE(slot.Confirms(Proof{}, now)) << "an empty slot holds no proof, not the proof zero";
  slot.Hold(proof, now + minutes(5));
  EXPECT_TRUE(slot.Confirms(proof, now));
  EXPECT_FALSE(slot.Confirms(Proof{1, 3}, now));
  EXPECT_FALSE(slot.Confirms(Proof{0, 2}, now));
  EXPECT_TRUE(slot.Confirms(proof, now + minutes(5) - nanoseconds(1)));
  EXPECT_FALSE(slot.Confirms(proof, now + minutes(5)));
  slot.Drop();
  EXPECT_FALSE(slot.Confirms(proof, now));
}

class KeyEntryTest : public ::testing::Test {
 protected:
  const SteadyTime now_ = SteadyNow();
  const ProofKey proof_key_;
  const std::shared_ptr<const Catalogue> catalogue_ = SampleCatalogue();
  const KeyEntryPtr entry_ = EntryOf(SampleRecord(), catalogue_);
};

TEST_F(KeyEntryTest, HoldsWhatAnAnswerNeedsOfItsRecord) {
  EXPECT_EQ(entry_->id(), SampleRecord().id);
  EXPECT_EQ(entry_->name(), SampleRecord().name);
  EXPECT_EQ(entry_->current_generation(), SampleRecord().current().number);
  EXPECT_EQ(entry_->EndOf(2), SampleRecord().expires);
  EXPECT_EQ(entry_->EndOf(1), *SampleRecord().generations.front().ends);
  const KeyProfile& profile = entry_->profile();
  EXPECT_EQ(profile.owner(), SampleRecord().owner);
  EXPECT_EQ(profile.text(), "shared");
  EXPECT_EQ(profile.catalogue(), catalogue_.get());
  for (std::size_t i = 0; i < catalogue_->scopes().size(); ++i) {
    const std::string& name = catalogue_->scopes()[i].name;
    EXPECT_EQ(profile.scopes().Has(i), name == "read:policies:admin" || name == "read:domains:admin") << name;
  }
}

TEST_F(KeyEntryTest, KnowsTheVersionOfTheRecordThatItWasMadeFrom) {
  KeyRecord record = SampleRecord();
  EXPECT_TRUE(entry_->IsOf(record));
  record.mac[0] ^= 1;
  EXPECT_FALSE(entry_->IsOf(record));
  record = SampleRecord();
  ++record.version;
  EXPECT_FALSE(entry_->IsOf(record));
  record = SampleRecord();
  record.id.bytes[11] ^= 1;
  EXPECT_FALSE(entry_->IsOf(record));
}

TEST_F(KeyEntryTest, HoldsTheLongestNameThatARecordMayHave) {
  KeyRecord record = SampleRecord();
  record.name.assign(128, 'n');
  EXPECT_EQ(EntryOf(record)->name(), record.name);
  record.name.clear();
  EXPECT_EQ(EntryOf(record)->name(), "");
}

TEST_F(KeyEntryTest, KnowsTheGenerationThatAProofIsOf) {
  const Proof first = proof_key_.Prove(RandomText()), second = proof_key_.Prove(RandomText()),
              wrong = proof_key_.Prove(RandomText());
  EXPECT_FALSE(entry_->ProvedGeneration(first, now_));
  entry_->HoldProof(1, first, now_ + minutes(5));
  entry_->HoldProof(2, second, now_ + minutes(1));
  EXPECT_EQ(entry_->ProvedGeneration(first, now_), 1U);
  EXPECT_EQ(entry_->ProvedGeneration(second, now_), 2U);
  EXPECT_FALSE(entry_->ProvedGeneration(wrong, now_));
  EXPECT_FALSE(entry_->ProvedGeneration(second, now_ + minutes(1)));
  EXPECT_EQ(entry_->ProvedGeneration(first, now_ + minutes(1)), 1U);
  entry_->DropProofs();
  EXPECT_FALSE(entry_->ProvedGeneration(first, now_));
  EXPECT_FALSE(entry_->ProvedGeneration(second, now_));
}

TEST_F(KeyEntryTest, ForgetsTheProofOfAGenerationThatItDoesNotHave) {
  const Proof proof = proof_key_.Prove(RandomText());
  entry_->HoldProof(3, proof, now_ + minutes(5));
  EXPECT_FALSE(entry_->ProvedGeneration(proof, now_));
}

TEST_F(KeyEntryTest, IsSupersededOnceAndForAll) {
  EXPECT_FALSE(entry_->superseded());
  entry_->Supersede();
  EXPECT_TRUE(entry_->superseded());
}

TEST_F(KeyEntryTest, ProofsMayBeHeldDroppedAndAskedForByManyThreads) {
  const Proof proof = proof_key_.Prove(RandomText()), wrong = proof_key_.Prove(RandomText());
  std::atomic<bool> stop{false};
  std::atomic<int> wrongly_proved{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (!stop.load()) {
        const auto right = entry_->ProvedGeneration(proof, now_);
        if (right && *right != 2) ++wrongly_proved;
        if (entry_->ProvedGeneration(wrong, now_)) ++wrongly_proved;
      }
    });
  }
  for (int round = 0; round < 2000; ++round) {
    entry_->HoldProof(2, proof, now_ + minutes(5));
    if (round % 3 == 0) entry_->DropProofs();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrongly_proved.load(), 0);
}

TEST(KeyEntry, LetsOneCallerRenewAProofThatEndsSoon) {
  const SteadyTime now = SteadyNow();
  const KeyEntryPtr entry = EntryOf(SampleRecord());
  entry->HoldProof(2, Proof{1, 2}, now + minutes(4));
  EXPECT_FALSE(entry->BeginRenewal(2, now, minutes(1)));
  EXPECT_TRUE(entry->BeginRenewal(2, now + minutes(3) + nanoseconds(1), minutes(1)));
  EXPECT_FALSE(entry->BeginRenewal(2, now + minutes(3) + nanoseconds(1), minutes(1)));
  entry->EndRenewal();
  EXPECT_TRUE(entry->BeginRenewal(2, now + minutes(3) + nanoseconds(1), minutes(1)));
  EXPECT_FALSE(entry->BeginRenewal(9, now + minutes(9), minutes(1)));
}

TEST(KeyEntry, TakesOverTheProofsOfAnEntryWithTheSameRecord) {
  const SteadyTime now = SteadyNow();
  const Proof proof{3, 4};
  const KeyEntryPtr before = EntryOf(SampleRecord()), after = EntryOf(SampleRecord());
  before->HoldProof(2, proof, now + minutes(1));
  after->Adopt(*before);
  EXPECT_EQ(after->ProvedGeneration(proof, now), 2U);
  EXPECT_EQ(after->ProvedGeneration(proof, now + minutes(1)), std::nullopt);
  EXPECT_EQ(after->ProvedGeneration(Proof{3, 5}, now), std::nullopt);
}

TEST(KeyProfiles, AreSharedByKeysWithTheSameOwnerAndGrantsUnderTheSameCatalogue) {
  KeyProfiles profiles([](const KeyRecord& record) { return record.owner; });
  const auto catalogue = SampleCatalogue();
  KeyRecord record = SampleRecord();
  const KeyProfilePtr profile = profiles.Of(record, catalogue);
  EXPECT_EQ(profile->text(), record.owner);
  record.name = "another";
  record.id.bytes[11] ^= 1;
  EXPECT_EQ(profiles.Of(record, catalogue), profile);
  EXPECT_NE(profiles.Of(record, SampleCatalogue()), profile);
  KeyRecord other = record;
  other.owner += "x";
  EXPECT_NE(profiles.Of(other, catalogue), profile);
  other = record;
  other.scopes.pop_back();
  EXPECT_NE(profiles.Of(other, catalogue), profile);
  other = record;
  other.scopes.clear();
  const KeyProfilePtr nothing = profiles.Of(other, catalogue);
  other.unscoped = true;
  EXPECT_NE(profiles.Of(other, catalogue), nothing) << "full access is not the same as none";
}

TEST(KeyEntry, TellsOnceAnHourThatAScopeWasAskedOfAnUnscopedKey) {
  KeyRecord record = SampleRecord();
  record.scopes.clear();
  record.unscoped = true;
  const KeyEntryPtr entry = EntryOf(record);
  EXPECT_TRUE(entry->ClaimAsked(0, kTestNow));
  EXPECT_FALSE(entry->ClaimAsked(0, kTestNow + 10));
  EXPECT_TRUE(entry->ClaimAsked(5, kTestNow + 10));
  EXPECT_TRUE(entry->ClaimAsked(0, kTestNow + 3700));
  EXPECT_FALSE(entry->ClaimAsked(VerifyQuery::kNotCatalogued, kTestNow));
}

TEST(KeyEntry, DoesNotKeepWhatIsAskedOfAScopedKey) {
  const KeyEntryPtr entry = EntryOf(SampleRecord());
  EXPECT_FALSE(entry->ClaimAsked(0, kTestNow));
}

TEST(KeyEntry, LetsOneCallerAMinuteReportAnEndedSecret) {
  const KeyEntryPtr entry = EntryOf(SampleRecord());
  EXPECT_TRUE(entry->ClaimEndedSecret(kTestNow));
  EXPECT_FALSE(entry->ClaimEndedSecret(kTestNow + 59));
  EXPECT_TRUE(entry->ClaimEndedSecret(kTestNow + 60));
}

TEST_F(KeyEntryTest, IsMadeAgainFromItsParts) {
  KeyRecord record = SampleRecord();
  record.generations.front().until_used = true;
  const KeyEntryPtr entry = EntryOf(record);
  entry->HoldProof(2, Proof{1, 2}, now_ + minutes(5));
  ASSERT_TRUE(entry->EndGrace(2, kTestNow));
  const KeyEntryPtr again = KeyEntry::Make(entry->parts(), KeyProfilePtr(&entry->profile()));
  EXPECT_TRUE(again->IsOf(record));
  EXPECT_EQ(again->name(), record.name);
  EXPECT_EQ(again->current_generation(), 2U);
  for (const std::uint32_t generation : {1U, 2U}) {
    EXPECT_EQ(again->EndOf(generation), entry->EndOf(generation));
    EXPECT_EQ(Decide(*again, generation, {}, kTestNow), Decide(*entry, generation, {}, kTestNow));
  }
  EXPECT_EQ(Decide(*again, 1, {}, kTestNow), VerdictCode::kExpired) << "the end of its grace goes along";
  EXPECT_FALSE(again->ProvedGeneration(Proof{1, 2}, now_)) << "proofs do not";
}

TEST_F(KeyEntryTest, ShowsTheProofsThatItHolds) {
  const KeyEntryPtr entry = EntryOf(SampleRecord());
  EXPECT_FALSE(entry->ProofOf(2, now_));
  entry->HoldProof(1, Proof{3, 4}, now_ + minutes(1));
  entry->HoldProof(2, Proof{1, 2}, now_ + minutes(5));
  const auto held = entry->ProofOf(2, now_);
  ASSERT_TRUE(held);
  EXPECT_EQ(held->proof, (Proof{1, 2}));
  EXPECT_EQ(held->until, now_ + minutes(5));
  ASSERT_TRUE(entry->ProofOf(1, now_));
  EXPECT_EQ(entry->ProofOf(1, now_)->proof, (Proof{3, 4}));
  EXPECT_FALSE(entry->ProofOf(1, now_ + minutes(1))) << "it has ended";
  EXPECT_FALSE(entry->ProofOf(3, now_));
  entry->DropProofs();
  EXPECT_FALSE(entry->ProofOf(2, now_));
}

TEST(ProofKey, GoesOnWhereAnotherHasEnded) {
  const ProofKey before;
  ProofKey after;
  after.TakeOver(before.Expose());
  EXPECT_EQ(after.Prove("clv_0"), before.Prove("clv_0"));
}

TEST(KeyProfiles, TellWhatIsInUseUnderACatalogueAndWhatItWasMadeOf) {
  KeyProfiles profiles([](const KeyRecord& record) { return record.owner; });
  const auto catalogue = SampleCatalogue(), other = SampleCatalogue();
  KeyRecord unscoped = SampleRecord(), unused = SampleRecord();
  unscoped.unscoped = true;
  unscoped.scopes.clear();
  unscoped.owner = "bob";
  unused.owner = "carol";
  const KeyProfilePtr first = profiles.Of(SampleRecord(), catalogue),
                      second = profiles.Of(unscoped, catalogue),
                      elsewhere = profiles.Of(SampleRecord(), other);
  (void)profiles.Of(unused, catalogue);
  std::vector<const KeyProfile*> told;
  std::vector<KeyRecord> records;
  profiles.ForEach(*catalogue, [&](const KeyProfile& profile, const KeyRecord& record) {
    told.push_back(&profile);
    records.push_back(record);
  });
  ASSERT_EQ(told.size(), 2U);
  for (std::size_t i = 0; i < told.size(); ++i) {
    EXPECT_TRUE(told[i] == first.get() || told[i] == second.get());
    EXPECT_EQ(records[i].owner, told[i]->owner());
    EXPECT_EQ(records[i].unscoped, told[i]->unscoped());
    EXPECT_EQ(profiles.Of(records[i], catalogue).get(), told[i]);
  }
}

}  // namespace
}  // namespace claviger::keys
