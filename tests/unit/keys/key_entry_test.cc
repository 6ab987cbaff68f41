#include "daemon/keys/key_entry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "base/crypto.h"
#include "tests/unit/keys/sample_records.h"

namespace claviger::keys {
namespace {

using std::chrono::minutes;
using std::chrono::nanoseconds;

KeySecret RandomSecret() {
  KeySecret secret;
  FillRandom(secret.ExposeForWriting());
  return secret;
}

TEST(ProofKey, IsAFunctionOfIdGenerationAndSecret) {
  const ProofKey key;
  const KeyId id = KeyId::Make(kTestNow), other_id = KeyId::Make(kTestNow);
  const KeySecret secret = RandomSecret(), other_secret = RandomSecret();
  const Proof proof = key.Prove(id, 1, secret);
  EXPECT_EQ(key.Prove(id, 1, secret), proof);
  EXPECT_NE(key.Prove(other_id, 1, secret), proof);
  EXPECT_NE(key.Prove(id, 2, secret), proof);
  EXPECT_NE(key.Prove(id, 1, other_secret), proof);
  EXPECT_NE(proof.low, proof.high);
}

TEST(ProofKey, ChangesWithEveryBitOfTheSecret) {
  const ProofKey key;
  const KeyId id = KeyId::Make(kTestNow);
  KeySecret secret = RandomSecret();
  const Proof proof = key.Prove(id, 1, secret);
  for (std::size_t bit = 0; bit < 256; ++bit) {
    secret.ExposeForWriting()[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_NE(key.Prove(id, 1, secret), proof) << bit;
    secret.ExposeForWriting()[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  }
}

TEST(ProofKey, IsAnotherOneInEveryProcess) {
  const KeySecret secret = RandomSecret();
  EXPECT_NE(ProofKey().Prove(KeyId{}, 1, secret), ProofKey().Prove(KeyId{}, 1, secret));
}

TEST(ProofKey, GivesTheSameToEveryThread) {
  const ProofKey key;
  const ProofKey other_key;  // used in between, so that threads cannot keep one key's state for the other
  const KeySecret secret = RandomSecret();
  const Proof proof = key.Prove(KeyId{}, 1, secret), other_proof = other_key.Prove(KeyId{}, 1, secret);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 500; ++round) {
        if (key.Prove(KeyId{}, 1, secret) != proof || other_key.Prove(KeyId{}, 1, secret) != other_proof)
          ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong.load(), 0);
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
  KeyEntry entry_{SampleRecord(), catalogue_, {"first", "second"}};
};

TEST_F(KeyEntryTest, HoldsItsRecordCatalogueScopesAndPreparedTexts) {
  EXPECT_EQ(entry_.record(), SampleRecord());
  EXPECT_EQ(entry_.catalogue(), catalogue_.get());
  for (std::size_t i = 0; i < catalogue_->scopes().size(); ++i) {
    const std::string& name = catalogue_->scopes()[i].name;
    EXPECT_EQ(entry_.scopes().Has(i), name == "read:policies:admin" || name == "read:domains:admin") << name;
  }
  EXPECT_EQ(entry_.prepared(1), "first");
  EXPECT_EQ(entry_.prepared(2), "second");
}

TEST_F(KeyEntryTest, KnowsTheGenerationThatASecretProves) {
  const KeySecret first = RandomSecret(), second = RandomSecret(), wrong = RandomSecret();
  const KeyId& id = entry_.record().id;
  EXPECT_FALSE(entry_.ProvedGeneration(proof_key_, first, now_));
  entry_.HoldProof(1, proof_key_.Prove(id, 1, first), now_ + minutes(5));
  entry_.HoldProof(2, proof_key_.Prove(id, 2, second), now_ + minutes(1));
  EXPECT_EQ(entry_.ProvedGeneration(proof_key_, first, now_), 1U);
  EXPECT_EQ(entry_.ProvedGeneration(proof_key_, second, now_), 2U);
  EXPECT_FALSE(entry_.ProvedGeneration(proof_key_, wrong, now_));
  EXPECT_FALSE(entry_.ProvedGeneration(proof_key_, second, now_ + minutes(1)));
  EXPECT_EQ(entry_.ProvedGeneration(proof_key_, first, now_ + minutes(1)), 1U);
  EXPECT_FALSE(entry_.ProvedGeneration(ProofKey(), first, now_)) << "another process's proof";
  entry_.DropProofs();
  EXPECT_FALSE(entry_.ProvedGeneration(proof_key_, first, now_));
}

TEST_F(KeyEntryTest, ForgetsTheProofOfAGenerationThatItDoesNotHave) {
  const KeySecret secret = RandomSecret();
  entry_.HoldProof(3, proof_key_.Prove(entry_.record().id, 3, secret), now_ + minutes(5));
  EXPECT_FALSE(entry_.ProvedGeneration(proof_key_, secret, now_));
}

TEST_F(KeyEntryTest, IsSupersededOnceAndForAll) {
  EXPECT_FALSE(entry_.superseded());
  entry_.Supersede();
  EXPECT_TRUE(entry_.superseded());
}

TEST_F(KeyEntryTest, ProofsMayBeHeldDroppedAndAskedForByManyThreads) {
  const KeySecret secret = RandomSecret(), wrong = RandomSecret();
  const Proof proof = proof_key_.Prove(entry_.record().id, 2, secret);
  std::atomic<bool> stop{false};
  std::atomic<int> wrongly_proved{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (!stop.load()) {
        const auto right = entry_.ProvedGeneration(proof_key_, secret, now_);
        if (right && *right != 2) ++wrongly_proved;
        if (entry_.ProvedGeneration(proof_key_, wrong, now_)) ++wrongly_proved;
      }
    });
  }
  for (int round = 0; round < 2000; ++round) {
    entry_.HoldProof(2, proof, now_ + minutes(5));
    if (round % 3 == 0) entry_.DropProofs();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrongly_proved.load(), 0);
}

TEST(KeyEntry, LetsOneCallerRenewAProofThatEndsSoon) {
  const SteadyTime now = SteadyNow();
  KeyEntry entry(SampleRecord(), SampleCatalogue(), {"", ""});
  entry.HoldProof(2, Proof{1, 2}, now + minutes(4));
  EXPECT_FALSE(entry.BeginRenewal(2, now, minutes(1)));
  EXPECT_TRUE(entry.BeginRenewal(2, now + minutes(3) + nanoseconds(1), minutes(1)));
  EXPECT_FALSE(entry.BeginRenewal(2, now + minutes(3) + nanoseconds(1), minutes(1)));
  entry.EndRenewal();
  EXPECT_TRUE(entry.BeginRenewal(2, now + minutes(3) + nanoseconds(1), minutes(1)));
  EXPECT_FALSE(entry.BeginRenewal(9, now + minutes(9), minutes(1)));
}

TEST(KeyEntry, TakesOverTheProofsOfAnEntryWithTheSameRecord) {
  const SteadyTime now = SteadyNow();
  const ProofKey proof_key;
  const KeySecret secret = RandomSecret();
  const KeyRecord record = SampleRecord();
  KeyEntry before(record, SampleCatalogue(), {"", ""});
  before.HoldProof(2, proof_key.Prove(record.id, 2, secret), now + minutes(1));
  KeyEntry after(record, SampleCatalogue(), {"", ""});
  after.Adopt(before);
  EXPECT_EQ(after.ProvedGeneration(proof_key, secret, now), 2U);
  EXPECT_EQ(after.ProvedGeneration(proof_key, secret, now + minutes(1)), std::nullopt);
  EXPECT_EQ(after.ProvedGeneration(proof_key, RandomSecret(), now), std::nullopt);
}

TEST(KeyEntry, TellsOnceAnHourThatAScopeWasAskedOfAnUnscopedKey) {
  KeyRecord record = SampleRecord();
  record.scopes.clear();
  record.unscoped = true;
  KeyEntry entry(record, SampleCatalogue(), {"", ""});
  EXPECT_TRUE(entry.ClaimAsked(0, kTestNow));
  EXPECT_FALSE(entry.ClaimAsked(0, kTestNow + 10));
  EXPECT_TRUE(entry.ClaimAsked(5, kTestNow + 10));
  EXPECT_TRUE(entry.ClaimAsked(0, kTestNow + 3700));
  EXPECT_FALSE(entry.ClaimAsked(VerifyQuery::kNotCatalogued, kTestNow));
}

TEST(KeyEntry, DoesNotKeepWhatIsAskedOfAScopedKey) {
  KeyEntry entry(SampleRecord(), SampleCatalogue(), {"", ""});
  EXPECT_FALSE(entry.ClaimAsked(0, kTestNow));
}

TEST(KeyEntry, LetsOneCallerAMinuteReportAnEndedSecret) {
  KeyEntry entry(SampleRecord(), SampleCatalogue(), {"", ""});
  EXPECT_TRUE(entry.ClaimEndedSecret(kTestNow));
  EXPECT_FALSE(entry.ClaimEndedSecret(kTestNow + 59));
  EXPECT_TRUE(entry.ClaimEndedSecret(kTestNow + 60));
}

}  // namespace
}  // namespace claviger::keys
