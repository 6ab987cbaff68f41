#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <functional>
#include <random>

#include "daemon/keys/scope.h"
#include "tests/unit/store/key_fixture.h"

namespace claviger::store {
namespace {

using keys::KeyRecord;
using keys::KeyState;
using keys::RecordState;
using testing::ElementsAre;
using testing::IsEmpty;

class KeyFilterTest : public KeyTablesTest {
 protected:
  // The keys that `filter` lets through, by number; every way to ask must answer alike.
  std::vector<std::uint32_t> Numbers(const KeyFilter& filter) {
    const RefRange all{1, LastRef()};
    KeyQuery query;
    query.filter = filter;
    const auto places = keys_->Search(query, all);
    const auto summaries = keys_->Summaries(filter, all);
    const auto count = keys_->CountMatches(filter, all);
    if (!places || !summaries || !count) {
      ADD_FAILURE() << (places ? "a walk failed" : places.error().message());
      return {};
    }
    EXPECT_EQ(static_cast<std::size_t>(*count), summaries->size());
    EXPECT_EQ(places->size(), summaries->size());
    std::vector<std::uint32_t> numbers;
    for (std::size_t i = 0; i < std::min(places->size(), summaries->size()); ++i) {
      const auto& id = (*summaries)[i].id;
      EXPECT_EQ((*places)[i].ref, (*summaries)[i].ref);
      numbers.push_back(static_cast<std::uint32_t>(id.bytes[2] << 8 | id.bytes[3]));
    }
    return numbers;
  }
  std::vector<std::uint32_t> Numbers(const std::function<void(KeyFilter&)>& set) {
    KeyFilter filter;
    set(filter);
    return Numbers(filter);
  }
  ErrorCode Refusal(const KeyFilter& filter) {
    KeyQuery query;
    query.filter = filter;
    const auto places = keys_->Search(query, {1, 10});
    EXPECT_FALSE(keys_->Summaries(filter, {1, 10}));
    EXPECT_FALSE(keys_->CountMatches(filter, {1, 10}));
    return places ? ErrorCode::kInternal : places.error().code();
  }
};

TEST_F(KeyFilterTest, AnEmptyFilterLetsEveryKeyThrough) {
  Insert({SampleRecord(1), SampleRecord(2)});
  EXPECT_THAT(Numbers(KeyFilter{}), ElementsAre(1, 2));
}

TEST_F(KeyFilterTest, OwnerCreatorAndTeamAreTakenLiterally) {
  KeyRecord one = SampleRecord(1);
  one.owner = "odd%";
  one.creator = "cr_1";
  one.team = "ops";
  KeyRecord two = SampleRecord(2);
  two.owner = "even";
  two.creator = "crx1";
  Insert({one, two});
  EXPECT_THAT(Numbers([](KeyFilter& f) { f.owner = "odd%"; }), ElementsAre(1));
  EXPECT_THAT(Numbers([](KeyFilter& f) { f.owner = "even"; }), ElementsAre(2));
  EXPECT_THAT(Numbers([](KeyFilter& f) { f.creator = "cr_1"; }), ElementsAre(1));
  EXPECT_THAT(Numbers([](KeyFilter& f) { f.team = "ops"; }), ElementsAre(1));
  for (const char* nobody : {"%", "odd", "EVEN", "Ops", "' OR 1=1 --", "even\n", "?"}) {
    EXPECT_THAT(Numbers([&](KeyFilter& f) { f.owner = nobody; }), IsEmpty()) << nobody;
    EXPECT_THAT(Numbers([&](KeyFilter& f) { f.creator = nobody; }), IsEmpty()) << nobody;
    EXPECT_THAT(Numbers([&](KeyFilter& f) { f.team = nobody; }), IsEmpty()) << nobody;
  }
}

TEST_F(KeyFilterTest, SearchFindsTextInNameOwnerOrCreatorInAnyCase) {
  std::vector<KeyRecord> records = {SampleRecord(1), SampleRecord(2), SampleRecord(3), SampleRecord(4)};
  records[0].name = "100% of_it \\ here";
  records[1].owner = "BillingSvc";
  records[2].creator = "dana";
  records[2].team = "search-me-not";
  records[3].name = "Büro";
  records[3].description = "search-me-not";
  Insert(records);
  const std::pair<const char*, std::vector<std::uint32_t>> cases[] = {
      {"%", {1}},      {"0% O", {1}},         {"_", {1}},       {"f_i", {1}},     {"fxi", {}},
      {"\\", {1}},     {"\\%", {}},           {"billing", {2}}, {"NGSV", {2}},    {"DANA", {3}},
      {"büro", {4}},   {"BÜRO", {}},          {"ü", {4}},       {"'", {}},        {"--", {}},
      {"key", {2, 3}}, {"search-me-not", {}}, {"?", {}},        {" ", {1, 2, 3}}, {"alice", {1, 3, 4}}};
  for (const auto& one : cases) {
    EXPECT_EQ(Numbers([&](KeyFilter& f) { f.search = one.first; }), one.second) << one.first;
  }
}

TEST_F(KeyFilterTest, KindTellsScopedKeysFromUnscopedOnes) {
  KeyRecord unscoped = SampleRecord(2);
  unscoped.scopes.clear();
  unscoped.unscoped = true;
  Insert({SampleRecord(1), unscoped});
  EXPECT_THAT(Numbers([](KeyFilter& f) { f.kind = KeyKind::kScoped; }), ElementsAre(1));
  EXPECT_THAT(Numbers([](KeyFilter& f) { f.kind = KeyKind::kUnscoped; }), ElementsAre(2));
}

TEST_F(KeyFilterTest, TimesAreFromTheFirstAndBeforeTheLastSecond) {
  std::vector<KeyRecord> records = {SampleRecord(1), SampleRecord(2), SampleRecord(3)};
  for (std::size_t i = 0; i < 3; ++i) {
    records[i].created = 1700000000 + static_cast<std::int64_t>(i);
    records[i].expires = 1800000000 + static_cast<std::int64_t>(i);
  }
  Insert(records);
  Use(SampleId(1), 1750000000);
  Use(SampleId(2), 1750000001);
  const auto created = [&](TimeRange range) { return Numbers([&](KeyFilter& f) { f.created = range; }); };
  const auto expires = [&](TimeRange range) { return Numbers([&](KeyFilter& f) { f.expires = range; }); };
  const auto used = [&](TimeRange range) { return Numbers([&](KeyFilter& f) { f.last_used = range; }); };
  EXPECT_THAT(created({1700000001, {}}), ElementsAre(2, 3));
  EXPECT_THAT(created({{}, 1700000001}), ElementsAre(1));
  EXPECT_THAT(created({1700000001, 1700000002}), ElementsAre(2));
  EXPECT_THAT(created({1700000002, 1700000001}), IsEmpty());
  EXPECT_THAT(expires({1800000001, {}}), ElementsAre(2, 3));
  EXPECT_THAT(expires({{}, 1800000001}), ElementsAre(1));
  EXPECT_THAT(used({1750000001, {}}), ElementsAre(2));
  EXPECT_THAT(used({{}, 1750000001}), ElementsAre(1));
  EXPECT_THAT(used({0, {}}), ElementsAre(1, 2)) << "a key that was never used is in no range";
}

TEST_F(KeyFilterTest, UsedIsWhatWasVerifiedAndNotWhatWasOnlyDenied) {
  Insert({SampleRecord(1), SampleRecord(2), SampleRecord(3)});
  Use(SampleId(1), 1750000000);
  UsageIncrement denied;
  denied.id = SampleId(2);
  denied.denials = 1;
  denied.last_denied = 1750000000;
  ASSERT_TRUE(usage_->Add(denied));
  EXPECT_THAT(Numbers([](KeyFilter& f) { f.used = true; }), ElementsAre(1));
  EXPECT_THAT(Numbers([](KeyFilter& f) { f.used = false; }), ElementsAre(2, 3));
}

TEST_F(KeyFilterTest, UnusedSinceTakesTheCreationOfKeysThatWereNeverUsed) {
  std::vector<KeyRecord> records = {SampleRecord(1), SampleRecord(2), SampleRecord(3), SampleRecord(4)};
  records[3].created = 1760000000;
  Insert(records);
  Use(SampleId(1), 1740000000);
  Use(SampleId(2), 1760000000);
  EXPECT_THAT(Numbers([](KeyFilter& f) { f.unused_since = 1750000000; }), ElementsAre(1, 3));
  EXPECT_THAT(Numbers([](KeyFilter& f) { f.unused_since = 1740000000; }), ElementsAre(3));
  EXPECT_THAT(Numbers([](KeyFilter& f) { f.unused_since = 1740000001; }), ElementsAre(1, 3));
}

TEST_F(KeyFilterTest, AScopeIsGivenByItsNameOrByAPattern) {
  const std::vector<std::vector<std::string>> scopes = {{"read:policies:admin"},
                                                        {"read:policies"},
                                                        {"read:*"},
                                                        {"read:policies:*"},
                                                        {"read:*:admin"},
                                                        {"write:policies:admin"},
                                                        {"read:policies:admin2"},
                                                        {"a:b", "read:policies:a"},
                                                        {"aread:policies:admin", "z:z"},
                                                        {"delete:x", "read:policies:admin", "write:z"},
                                                        {"read:*:*"}};
  std::vector<KeyRecord> records;
  for (const auto& one : scopes) {
    records.push_back(SampleRecord(static_cast<std::uint32_t>(records.size() + 1)));
    records.back().scopes = one;
  }
  records.push_back(SampleRecord(12));
  records.back().scopes = {"read:policies", "read:policies:admin"};  // not asked for: it gives everything
  records.back().unscoped = true;
  Insert(records);
  EXPECT_THAT(Numbers([](KeyFilter& f) { f.gives_scope = "read:policies:admin"; }),
              ElementsAre(1, 3, 4, 5, 10, 11));
  EXPECT_THAT(Numbers([](KeyFilter& f) { f.gives_scope = "read:policies"; }), ElementsAre(2, 3));
  EXPECT_THAT(Numbers([](KeyFilter& f) { f.gives_scope = "write:z"; }), ElementsAre(10));
  EXPECT_THAT(Numbers([](KeyFilter& f) { f.gives_scope = "delete:z"; }), IsEmpty());
}

TEST_F(KeyFilterTest, AnActionIsHeldByAnyGrantOfIt) {
  KeyRecord one = SampleRecord(1);
  one.scopes = {"read:delete:write", "write:a"};
  KeyRecord two = SampleRecord(2);
  two.scopes = {"delete:*", "read:a"};
  KeyRecord unscoped = SampleRecord(3);
  unscoped.unscoped = true;
  Insert({one, two, unscoped});
  EXPECT_THAT(Numbers([](KeyFilter& f) { f.holds_action = "delete"; }), ElementsAre(2));
  EXPECT_THAT(Numbers([](KeyFilter& f) { f.holds_action = "read"; }), ElementsAre(1, 2));
  EXPECT_THAT(Numbers([](KeyFilter& f) { f.holds_action = "write"; }), ElementsAre(1));
}

// Every stored state, every position of `now` relative to both times: SQL and KeyRecord::StateAt must agree.
TEST_F(KeyFilterTest, StatesAreThoseThatTheRecordItselfTells) {
  constexpr std::array kStates = {RecordState::kActive, RecordState::kPaused, RecordState::kRevoked};
  constexpr std::array<UnixSeconds, 3> kTimes = {1700000100, 1700000200, 1700000300};
  std::vector<KeyRecord> records;
  for (const RecordState state : kStates) {
    for (const UnixSeconds not_before : kTimes) {
      for (const UnixSeconds expires : kTimes) {
        KeyRecord record = SampleRecord(static_cast<std::uint32_t>(records.size()));
        record.state = state;
        record.not_before = not_before;
        record.expires = expires;
        records.push_back(record);
      }
    }
  }
  Insert(records);
  for (UnixSeconds now = kTimes.front() - 1; now <= kTimes.back() + 1; ++now) {
    if (now % 100 > 1 && now % 100 < 99) continue;
    for (unsigned set = 1; set < 32; ++set) {
      KeyFilter filter;
      filter.now = now;
      for (int state = 0; state < 5; ++state) {
        if ((set >> state & 1) != 0) filter.states.push_back(static_cast<KeyState>(state));
      }
      std::vector<std::uint32_t> expected;
      for (std::uint32_t number = 0; number < records.size(); ++number) {
        if ((set >> static_cast<int>(records[number].StateAt(now)) & 1) != 0) expected.push_back(number);
      }
      EXPECT_EQ(Numbers(filter), expected) << set << " at " << now;
    }
  }
}

TEST_F(KeyFilterTest, AllThatIsAskedForMustHold) {
  KeyRecord one = SampleRecord(1);
  one.team = "ops";
  KeyRecord two = SampleRecord(2);
  two.team = "ops";
  two.scopes = {"delete:users"};
  Insert({one, two, SampleRecord(3)});
  Use(SampleId(1), 1750000000);
  Use(SampleId(2), 1750000000);
  KeyFilter filter;
  filter.now = 1750000000;
  filter.states = {KeyState::kActive, KeyState::kExpired};
  filter.search = "KEY";
  filter.owner = "alice";
  filter.creator = "bob";
  filter.team = "ops";
  filter.kind = KeyKind::kScoped;
  filter.created = {1700000000, 1700000001};
  filter.expires = {1800000000, 1800000001};
  filter.last_used = {1750000000, 1750000001};
  filter.unused_since = 1750000001;
  filter.used = true;
  filter.gives_scope = "delete:users";
  filter.holds_action = "delete";
  EXPECT_THAT(Numbers(filter), ElementsAre(2));
  filter.used = false;
  EXPECT_THAT(Numbers(filter), IsEmpty());
}

TEST_F(KeyFilterTest, RefusesWhatNoKeyCanHave) {
  KeyFilter filter;
  filter.search = std::string(kMaxSearchBytes + 1, 'x');
  EXPECT_EQ(Refusal(filter), ErrorCode::kInvalidArgument);
  filter.search.pop_back();
  EXPECT_THAT(Numbers(filter), IsEmpty());
  filter.search = std::string(kMaxSearchBytes, '%');
  EXPECT_THAT(Numbers(filter), IsEmpty());
  for (std::string KeyFilter::*text : {&KeyFilter::search, &KeyFilter::owner, &KeyFilter::creator,
                                       &KeyFilter::team, &KeyFilter::gives_scope, &KeyFilter::holds_action}) {
    KeyFilter zero;
    zero.*text = std::string("a\0b", 3);
    EXPECT_EQ(Refusal(zero), ErrorCode::kInvalidArgument);
  }
  for (const char* scope : {"read", "read:*", "*", "list:x", "read:A", "read:a b"}) {
    KeyFilter wrong;
    wrong.gives_scope = scope;
    EXPECT_EQ(Refusal(wrong), ErrorCode::kInvalidArgument) << scope;
  }
  for (const char* action : {"Read", "*", "read:", "list"}) {
    KeyFilter wrong;
    wrong.holds_action = action;
    EXPECT_EQ(Refusal(wrong), ErrorCode::kInvalidArgument) << action;
  }
}

// The grants of random keys against ScopePattern::Matches.
TEST_F(KeyFilterTest, FindsExactlyTheKeysWhoseGrantsMatch) {
  std::mt19937 random(11);
  const auto pick = [&random](std::initializer_list<const char*> words) {
    return std::string(words.begin()[random() % words.size()]);
  };
  std::vector<KeyRecord> records;
  for (std::uint32_t number = 0; number < 500; ++number) {
    KeyRecord record = SampleRecord(number);
    record.scopes.clear();
    for (std::size_t grants = 1 + random() % 4; grants > 0; --grants) {
      std::string grant = pick({"read:", "write:", "delete:"}) + pick({"a", "ab", "b", "*"});
      if (random() % 2 == 0) grant += ":" + pick({"x", "xy", "*"});
      if (keys::ParseGrant(grant)) record.scopes.push_back(grant);
    }
    if (record.scopes.empty()) record.scopes = {"read:other"};
    std::sort(record.scopes.begin(), record.scopes.end());
    records.push_back(record);
  }
  Insert(records);
  for (const char* action : {"read:", "write:", "delete:"}) {
    for (const char* rest : {"a", "ab", "b", "c", "a:x", "a:xy", "ab:x", "b:z", "c:c"}) {
      const std::string scope = std::string(action) + rest;
      const keys::ScopeName name = keys::ParseScope(scope).value();
      std::vector<std::uint32_t> expected;
      for (std::uint32_t number = 0; number < records.size(); ++number) {
        const auto& grants = records[number].scopes;
        if (std::any_of(grants.begin(), grants.end(), [&name](const std::string& grant) {
              return keys::ScopePattern::Parse(grant).value().Matches(name);
            }))
          expected.push_back(number);
      }
      EXPECT_EQ(Numbers([&](KeyFilter& f) { f.gives_scope = scope; }), expected) << scope;
    }
  }
}

}  // namespace
}  // namespace claviger::store
