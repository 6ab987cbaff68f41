#include "daemon/api/review.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace claviger::api {
namespace {

using keys::KeyState;
using store::KeySummary;

constexpr UnixSeconds kReviewTime = 1790000000;
constexpr std::int64_t kDay = 86400;

LiveSettingsPtr Live() {
  auto live = std::make_shared<LiveSettings>();
  const std::string names[] = {"read:policies:admin", "write:policies:admin", "delete:policies:admin",
                               "delete:users:admin", "read:users:admin"};
  std::string text;
  for (const std::string& name : names)
    text += "[[scope]]\nname = \"" + name + "\"\nsummary = \"Of this test\"\n";
  auto catalogue = keys::Catalogue::Build({{"test.toml", text}});
  EXPECT_TRUE(catalogue) << catalogue.error().message();
  if (catalogue) live->catalogue = *catalogue;
  live->policy.unscoped = keys::UnscopedRule::kAllowWithReason;
  live->policy.wildcards = true;
  return live;
}

// A key that nothing is found about.
KeySummary Quiet(std::int64_t ref) {
  KeySummary key;
  key.ref = ref;
  key.id.bytes[11] = static_cast<std::uint8_t>(ref);
  key.id.bytes[10] = static_cast<std::uint8_t>(ref >> 8);
  key.name = "key " + std::to_string(ref);
  key.owner = "alice";
  key.creator = "bob";
  key.created = key.not_before = key.generation_created = kReviewTime - 40 * kDay;
  key.expires = kReviewTime + 60 * kDay;
  key.scopes = "read:policies:admin";
  key.state = KeyState::kActive;
  key.usage.first_used = key.usage.last_used = kReviewTime - kDay;
  key.usage.uses = 3;
  return key;
}

class ReviewTest : public testing::Test {
 protected:
  // The kinds of findings about the keys, each with the refs that it lists.
  std::map<std::string, std::vector<std::int64_t>> Findings(const std::vector<KeySummary>& keys) {
    Review review(terms_, live_, kReviewTime);
    for (const KeySummary& key : keys) review.Add(key);
    std::map<std::string, std::vector<std::int64_t>> found;
    for (std::size_t kind = 0; kind < kFindingKinds; ++kind) {
      const FindingList& finding = review.finding(static_cast<FindingKind>(kind));
      for (const FoundKey& key : finding.Keys()) {
        found[std::string(FindingName(static_cast<FindingKind>(kind)))].push_back(key.ref);
      }
    }
    return found;
  }
  std::string Detail(FindingKind kind, const KeySummary& key) {
    Review review(terms_, live_, kReviewTime);
    review.Add(key);
    const auto found = review.finding(kind).Keys();
    return found.empty() ? "nothing is found" : found.front().detail;
  }
  boost::json::object Totals(const std::vector<KeySummary>& keys) {
    Review review(terms_, live_, kReviewTime);
    for (const KeySummary& key : keys) review.Add(key);
    return review.Totals();
  }

  using Found = std::map<std::string, std::vector<std::int64_t>>;
  ReviewTerms terms_;
  std::shared_ptr<LiveSettings> live_ = std::make_shared<LiveSettings>(*Live());
};

TEST_F(ReviewTest, FindsNothingAboutAKeyInOrder) {
  EXPECT_EQ(Findings({Quiet(1)}), Found());
  EXPECT_EQ(Findings({}), Found());
}

TEST_F(ReviewTest, FindsEndedSecretsThatWerePresentedInTheLastThirtyDays) {
  KeySummary key = Quiet(1);
  key.usage.ended_secret_presented = kReviewTime - 30 * kDay + 1;
  key.usage.ended_generation = 2;
  EXPECT_EQ(Findings({key}), (Found{{"ended_secret_presented", {1}}}));
  EXPECT_EQ(Detail(FindingKind::kEndedSecretPresented, key),
            "generation 2 at " + FormatTime(key.usage.ended_secret_presented));
  key.state = KeyState::kRevoked;
  EXPECT_EQ(Findings({key}), (Found{{"ended_secret_presented", {1}}}));
  key.usage.ended_secret_presented = kReviewTime - 30 * kDay;
  EXPECT_EQ(Findings({key}), Found());
}

TEST_F(ReviewTest, FindsExpiredKeysThatArePresentedStill) {
  KeySummary key = Quiet(1);
  key.state = KeyState::kExpired;
  key.expires = kReviewTime - 10 * kDay;
  key.usage.last_denial = keys::VerdictCode::kExpired;
  key.usage.last_denied = key.expires;
  key.usage.last_denied_uid = 1001;
  EXPECT_EQ(Findings({key}), (Found{{"expired_presented", {1}}}));
  EXPECT_EQ(Detail(FindingKind::kExpiredPresented, key), "by uid 1001 at " + FormatTime(key.expires));
  KeySummary before = key, other = key, revoked = key, long_ago = key;
  before.usage.last_denied = key.expires - 1;
  other.usage.last_denial = keys::VerdictCode::kPaused;
  revoked.state = KeyState::kRevoked;
  long_ago.expires = long_ago.usage.last_denied = kReviewTime - 30 * kDay;
  for (const KeySummary& each : {before, other, revoked, long_ago}) EXPECT_EQ(Findings({each}), Found());
}

TEST_F(ReviewTest, FindsUnscopedKeysAndPutsThoseFirstThatLiveLongest) {
  KeySummary shorter = Quiet(1), longer = Quiet(2);
  for (KeySummary* key : {&shorter, &longer}) {
    key->unscoped = true;
    key->scopes.clear();
  }
  longer.expires += kDay;
  EXPECT_EQ(Findings({shorter, longer, Quiet(3)}), (Found{{"unscoped", {2, 1}}}));
}

TEST_F(ReviewTest, FindsScopesThatTheCatalogueNoLongerHas) {
  KeySummary key = Quiet(1);
  key.scopes = "read:gone:a read:gone:b read:gone:c read:gone:d read:policies:admin";
  EXPECT_EQ(Findings({key})["lost_scopes"], (std::vector<std::int64_t>{1}));
  EXPECT_EQ(Detail(FindingKind::kLostScopes, key), "read:gone:a, read:gone:b, read:gone:c and 1 more");
  KeySummary pattern = Quiet(2), empty_pattern = Quiet(3);
  pattern.scopes = "read:*:admin";
  empty_pattern.scopes = "read:*:elsewhere";
  EXPECT_EQ(Findings({pattern})["lost_scopes"], std::vector<std::int64_t>());
  EXPECT_EQ(Findings({empty_pattern})["lost_scopes"], (std::vector<std::int64_t>{3}));
}

TEST_F(ReviewTest, FindsKeysThatBreakThePolicyAsItIsNow) {
  live_->policy.require_team = true;
  live_->policy.require_description = true;
  KeySummary without = Quiet(1), with = Quiet(2), half = Quiet(3);
  with.scopes = "read:users:admin";
  half.scopes = "write:policies:admin";
  with.team = half.team = "ops";
  with.described = true;
  EXPECT_EQ(Findings({half, with, without}), (Found{{"policy", {1, 3}}}));
  EXPECT_TRUE(Detail(FindingKind::kPolicy, half).starts_with("description: "))
      << Detail(FindingKind::kPolicy, half);
  KeySummary ended = without;
  ended.state = KeyState::kRevoked;
  EXPECT_EQ(Findings({ended}), Found());
}

TEST_F(ReviewTest, FindsKeysThatExpireWithinTheTermEarliestFirst) {
  KeySummary in_time = Quiet(1), late = Quiet(2), first = Quiet(3);
  in_time.expires = kReviewTime + 30 * kDay;
  late.expires = kReviewTime + 30 * kDay + 1;
  first.expires = kReviewTime + kDay;
  EXPECT_EQ(Findings({in_time, late, first})["expiring"], (std::vector<std::int64_t>{3, 1}));
  terms_.expiring_within = 0;
  EXPECT_EQ(Findings({in_time, late, first})["expiring"], std::vector<std::int64_t>());
}

TEST_F(ReviewTest, FindsKeysThatWereNeverUsedSinceTheyCouldBe) {
  KeySummary old = Quiet(1), fresh = Quiet(2), late = Quiet(3), paused = Quiet(4), denied = Quiet(5);
  for (KeySummary* key : {&old, &fresh, &late, &paused, &denied}) key->usage = {};
  old.created = old.not_before = kReviewTime - 30 * kDay;
  fresh.created = fresh.not_before = kReviewTime - 30 * kDay + 1;
  late.not_before = kReviewTime - 30 * kDay + 1;
  paused.state = KeyState::kPaused;
  denied.usage.denials = 4;
  EXPECT_EQ(Findings({old, fresh, late, paused, denied})["never_used"], (std::vector<std::int64_t>{5, 1}));
}

TEST_F(ReviewTest, FindsKeysThatAreNoLongerUsed) {
  KeySummary unused = Quiet(1), used = Quiet(2), paused = Quiet(3), longest = Quiet(4);
  unused.usage.last_used = kReviewTime - 90 * kDay;
  used.usage.last_used = kReviewTime - 90 * kDay + 1;
  paused.usage.last_used = longest.usage.last_used = kReviewTime - 100 * kDay;
  paused.state = KeyState::kPaused;
  EXPECT_EQ(Findings({unused, used, paused, longest})["unused"], (std::vector<std::int64_t>{4, 1}));
}

TEST_F(ReviewTest, FindsDeleteScopesByActionAndNotByName) {
  KeySummary one = Quiet(1), two = Quiet(2), resource = Quiet(3);
  one.scopes = "delete:users:admin";
  two.scopes = "delete:policies:admin delete:users:admin read:policies:admin";
  resource.scopes = "read:delete:admin";
  EXPECT_EQ(Findings({one, two, resource})["delete_scopes"], (std::vector<std::int64_t>{2, 1}));
  EXPECT_EQ(Detail(FindingKind::kDeleteScopes, two), "delete:policies:admin, delete:users:admin");
}

TEST_F(ReviewTest, FindsAllKeysWithTheSameScopesThoseFirstThatAreUsedLeast) {
  KeySummary first = Quiet(1), second = Quiet(2), third = Quiet(3), other = Quiet(4), ended = Quiet(5);
  second.usage = {};
  second.created = second.not_before = kReviewTime - kDay;
  third.usage.last_used = kReviewTime - 2 * kDay;
  other.scopes = "read:users:admin";
  ended.state = KeyState::kExpired;
  ended.expires = kReviewTime;
  Review review(terms_, live_, kReviewTime);
  for (const KeySummary& key : {first, second, third, other, ended}) review.Add(key);
  const FindingList& finding = review.finding(FindingKind::kSameScopes);
  EXPECT_EQ(finding.count(), 3);
  const auto found = finding.Keys();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].ref, 2);
  EXPECT_EQ(found[1].ref, 3);
  EXPECT_EQ(found[2].ref, 1);
  EXPECT_EQ(found[0].detail, first.id.ToString());
  EXPECT_EQ(found[2].detail, second.id.ToString());
}

TEST_F(ReviewTest, DoesNotCallTwoKeysWithFullAccessKeysWithTheSameScopes) {
  KeySummary a = Quiet(1), b = Quiet(2);
  a.unscoped = b.unscoped = true;
  a.scopes = b.scopes = "";
  EXPECT_EQ(Findings({a, b}), (Found{{"unscoped", {1, 2}}}));
}

TEST_F(ReviewTest, FindsLongLivedSecretsAndNotLongLivedKeys) {
  KeySummary long_lived = Quiet(1), rotated = Quiet(2);
  long_lived.expires = long_lived.generation_created + 180 * kDay + 1;
  long_lived.scopes = "read:users:admin";
  rotated.created = rotated.not_before = kReviewTime - 300 * kDay;
  EXPECT_EQ(Findings({long_lived, rotated}), (Found{{"long_lived", {1}}}));
  EXPECT_EQ(Detail(FindingKind::kLongLived, long_lived), "180d1s");
  long_lived.expires -= 1;
  EXPECT_EQ(Findings({long_lived}), Found());
}

TEST_F(ReviewTest, ListsAsManyAsAskedForAndCountsAll) {
  terms_.limit = 2;
  Review review(terms_, live_, kReviewTime);
  for (std::int64_t ref = 1; ref <= 10; ++ref) {
    KeySummary key = Quiet(ref);
    key.usage.ended_secret_presented = kReviewTime - ref;
    review.Add(key);
  }
  for (const FindingKind kind : {FindingKind::kEndedSecretPresented, FindingKind::kSameScopes}) {
    EXPECT_EQ(review.finding(kind).count(), 10);
    EXPECT_EQ(review.finding(kind).Keys().size(), 2U);
  }
}

TEST_F(ReviewTest, CountsKeysByStateAndTheRestOfThoseThatHaveNotEnded) {
  KeySummary expired = Quiet(2), unscoped = Quiet(3), paused = Quiet(4), unused = Quiet(5);
  expired.state = KeyState::kExpired;
  unscoped.unscoped = true;
  unscoped.scopes.clear();
  unscoped.owner = "carol";
  paused.state = KeyState::kPaused;
  paused.scopes = "delete:users:admin read:policies:admin";
  unused.usage = {};
  const auto totals = Totals({Quiet(1), expired, unscoped, paused, unused});
  EXPECT_EQ(totals.at("at").as_string(), FormatTime(kReviewTime));
  const boost::json::object states = {
      {"pending", 0}, {"active", 3}, {"paused", 1}, {"expired", 1}, {"revoked", 0}};
  EXPECT_EQ(totals.at("states"), states);
  EXPECT_EQ(totals.at("scoped"), 3);
  EXPECT_EQ(totals.at("unscoped"), 1);
  EXPECT_EQ(totals.at("never_used"), 1);
  EXPECT_EQ(totals.at("actions"), (boost::json::object{{"read", 3}, {"write", 0}, {"delete", 1}}));
  const boost::json::array owners = {
      boost::json::object{{"owner", "alice"}, {"keys", 3}, {"unscoped", 0}, {"with_delete", 1}},
      boost::json::object{{"owner", "carol"}, {"keys", 1}, {"unscoped", 1}, {"with_delete", 0}}};
  EXPECT_EQ(totals.at("owners"), owners);
  const auto sum = [&](const char* name) {
    std::int64_t keys = 0;
    for (const auto& span : totals.at(name).as_array()) keys += span.at("keys").as_int64();
    return keys;
  };
  EXPECT_EQ(sum("expiries"), 4);
  EXPECT_EQ(sum("ages"), 4);
  EXPECT_EQ(sum("uses"), 3);
}

TEST_F(ReviewTest, KeepsItsMemoryBoundedWhateverTheKeysAre) {
  Review review(terms_, live_, kReviewTime);
  const auto different = static_cast<std::int64_t>(Review::kMaxScopeSets);
  KeySummary key = Quiet(1);
  for (std::int64_t i = 0; i < different + 10; ++i) {
    key.ref = i + 1;
    key.owner = "owner " + std::to_string(i);
    key.scopes = "read:s" + std::to_string(i);
    review.Add(key);
  }
  EXPECT_EQ(review.finding(FindingKind::kSameScopes).count(), 0);
  review.Add(key);  // beyond the limit: not compared
  EXPECT_EQ(review.finding(FindingKind::kSameScopes).count(), 0);
  key.scopes = "read:s0";
  review.Add(key);
  EXPECT_EQ(review.finding(FindingKind::kSameScopes).count(), 2);
  key.owner = "owner 99999";
  for (int i = 0; i < 3; ++i) review.Add(key);
  const auto owners = review.Totals().at("owners").as_array();
  ASSERT_EQ(owners.size(), Review::kMaxListedOwners);
  EXPECT_EQ(owners[0].at("owner"), "owner 99999");
  EXPECT_EQ(owners[0].at("keys"), 4);
}

}  // namespace
}  // namespace claviger::api
