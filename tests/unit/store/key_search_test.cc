#include <gmock/gmock.h>

#include <map>
#include <numeric>
#include <random>
#include <set>

#include "tests/unit/store/key_fixture.h"

namespace claviger::store {
namespace {

using keys::KeyId;
using keys::KeyRecord;
using testing::ElementsAre;

constexpr KeySort kAllSorts[] = {KeySort::kCreated, KeySort::kName,    KeySort::kOwner,
                                 KeySort::kCreator, KeySort::kExpires, KeySort::kLastUsed};

class KeySearchTest : public KeyTablesTest {
 protected:
  // A page as a caller makes it: parts of `step` keys, merged.
  std::vector<KeyCursor> Page(const KeyQuery& query, std::int64_t step = 1000) {
    std::vector<KeyCursor> page;
    for (std::int64_t first = 1; first <= LastRef(); first += step) {
      Result<std::vector<KeyCursor>> part = keys_->Search(query, {first, first + step - 1});
      if (!part) {
        ADD_FAILURE() << part.error().message();
        return page;
      }
      const auto before = [&query](const KeyCursor& a, const KeyCursor& b) {
        return ComesBefore(query, a, b);
      };
      EXPECT_TRUE(std::is_sorted(part->begin(), part->end(), before));
      const std::vector<KeyCursor> earlier = std::exchange(page, {});
      std::merge(earlier.begin(), earlier.end(), part->begin(), part->end(), std::back_inserter(page),
                 before);
      page.resize(std::min(page.size(), static_cast<std::size_t>(query.limit)));
    }
    return page;
  }
  std::vector<std::int64_t> Refs(const KeyQuery& query) {
    std::vector<std::int64_t> refs;
    for (const KeyCursor& cursor : Page(query)) refs.push_back(cursor.ref);
    return refs;
  }
  // All pages, with `between` called after each; every cursor goes through its text, as a client's does.
  std::vector<std::int64_t> AllPages(KeyQuery query, const std::function<void()>& between) {
    std::vector<std::int64_t> refs;
    while (true) {
      const std::vector<KeyCursor> page = Page(query, 2500);
      for (const KeyCursor& cursor : page) refs.push_back(cursor.ref);
      if (page.size() < static_cast<std::size_t>(query.limit)) return refs;
      query.after = KeyCursor::Parse(page.back().ToString());
      if (!query.after) {
        ADD_FAILURE() << page.back().ToString();
        return refs;
      }
      between();
    }
  }
};

// Few different values, so that most places are ties.
KeyRecord RandomRecord(std::uint32_t number, std::mt19937& random) {
  static constexpr const char* kNames[] = {"alpha", "ALPHA", "Alpha", "beta", "b",
                                           "Ärger", "zeta",  "_",     "a%"};
  KeyRecord record = SampleRecord(number);
  record.name = kNames[random() % std::size(kNames)];
  record.owner = kNames[random() % std::size(kNames)];
  record.creator = "creator " + std::to_string(random() % 5000);
  record.expires = 1800000000 + static_cast<std::int64_t>(random() % 50);
  return record;
}

std::string Lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

// What ListsInOrder expects to be sorted by, in a form that std::tuple can compare.
using Value = std::pair<std::int64_t, std::string>;
Value SortValue(const ListedKey& key, KeySort sort) {
  switch (sort) {
    case KeySort::kCreated:
      return {};
    case KeySort::kName:
      return {0, Lower(key.record.name)};
    case KeySort::kOwner:
      return {0, Lower(key.record.owner)};
    case KeySort::kCreator:
      return {0, Lower(key.record.creator)};
    case KeySort::kExpires:
      return {key.record.expires, ""};
    case KeySort::kLastUsed:
      return {key.usage ? key.usage->last_used : 0, ""};
  }
  return {};
}

TEST_F(KeySearchTest, PagesThroughTenThousandKeysInEveryOrderGiveEachKeyOnceAndInOrder) {
  std::mt19937 random(7);
  std::vector<KeyRecord> records;
  for (std::uint32_t number = 1; number <= 10000; ++number) records.push_back(RandomRecord(number, random));
  Insert(records);
  ASSERT_TRUE(database_->Execute("BEGIN"));
  for (const KeyRecord& record : records) {
    if (random() % 3 != 0) Use(record.id, 1700000000 + static_cast<std::int64_t>(random() % 100));
  }
  ASSERT_TRUE(database_->Execute("COMMIT"));
  std::vector<std::int64_t> refs(records.size());
  std::iota(refs.begin(), refs.end(), 1);
  const std::vector<ListedKey> all = keys_->Read(refs).value();
  ASSERT_EQ(all.size(), records.size());
  std::uint32_t next = 10001;
  for (const KeySort sort : kAllSorts) {
    std::vector<std::int64_t> expected(records.size());
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = static_cast<std::int64_t>(i) + 1;
    std::stable_sort(expected.begin(), expected.end(), [&all, sort](std::int64_t a, std::int64_t b) {
      return SortValue(all[static_cast<std::size_t>(a - 1)], sort) <
             SortValue(all[static_cast<std::size_t>(b - 1)], sort);
    });
    for (const bool descending : {false, true}) {
      if (descending) std::reverse(expected.begin(), expected.end());
      KeyQuery query;
      query.sort = sort;
      query.descending = descending;
      query.limit = 499;
      std::vector<std::int64_t> seen = AllPages(query, [&] { Insert({RandomRecord(next++, random)}); });
      EXPECT_EQ(std::set<std::int64_t>(seen.begin(), seen.end()).size(), seen.size()) << "doubled";
      // Those that came meanwhile may be there or not.
      std::erase_if(seen, [](std::int64_t ref) { return ref > 10000; });
      EXPECT_EQ(seen, expected) << "sort " << static_cast<int>(sort) << " descending " << descending;
    }
  }
}

TEST_F(KeySearchTest, TextsAreSortedInAnyCaseAndTiesByInsertionInTheDirectionOfTheSort) {
  std::vector<KeyRecord> records;
  for (const char* name : {"beta", "Alpha", "alpha", "ALPHA", "alpha2", "Z"}) {
    records.push_back(SampleRecord(static_cast<std::uint32_t>(records.size() + 1)));
    records.back().name = name;
  }
  Insert(records);
  KeyQuery query;
  query.sort = KeySort::kName;
  EXPECT_THAT(Refs(query), ElementsAre(2, 3, 4, 5, 1, 6));
  query.descending = true;
  EXPECT_THAT(Refs(query), ElementsAre(6, 1, 5, 4, 3, 2));
}

TEST_F(KeySearchTest, KeysThatWereNeverUsedComeBeforeTheEarliestUse) {
  Insert({SampleRecord(1), SampleRecord(2), SampleRecord(3)});
  Use(SampleId(1), 1700000020);
  Use(SampleId(3), 1700000010);
  KeyQuery query;
  query.sort = KeySort::kLastUsed;
  EXPECT_THAT(Refs(query), ElementsAre(2, 3, 1));
  query.descending = true;
  EXPECT_THAT(Refs(query), ElementsAre(1, 3, 2));
}

TEST_F(KeySearchTest, GoesOnBehindAKeyThatIsGone) {
  for (const KeySort sort : kAllSorts) {
    keys_.reset();
    usage_.reset();
    database_.reset();
    std::filesystem::remove(folder_.File("db"));
    SetUp();
    Insert({SampleRecord(1), SampleRecord(2), SampleRecord(3)});
    KeyQuery query;
    query.sort = sort;
    query.limit = 2;
    const std::vector<KeyCursor> page = Page(query);
    ASSERT_EQ(page.size(), 2U);
    query.after = page.back();
    ASSERT_TRUE(keys_->Remove(SampleId(2)));
    EXPECT_THAT(Refs(query), ElementsAre(3));
  }
}

TEST_F(KeySearchTest, LooksOnlyAtTheRangeThatItIsGiven) {
  Insert({SampleRecord(1), SampleRecord(2), SampleRecord(3), SampleRecord(4)});
  for (const KeySort sort : kAllSorts) {
    KeyQuery query;
    query.sort = sort;
    EXPECT_EQ(keys_->Search(query, {2, 3}).value().size(), 2U);
    EXPECT_EQ(keys_->Search(query, {5, 100}).value().size(), 0U);
    EXPECT_EQ(keys_->Search(query, {3, 2}).value().size(), 0U);
    EXPECT_EQ(keys_->Search(query, {INT64_MIN, INT64_MAX}).value().size(), 4U);
  }
  EXPECT_EQ(keys_->CountMatches({}, {2, 3}).value(), 2);
  EXPECT_EQ(keys_->Summaries({}, {4, 9}).value().size(), 1U);
}

TEST_F(KeySearchTest, APlaceAtTheEndOfAllNumbersIsTheEndOfTheList) {
  Insert({SampleRecord(1)});
  KeyQuery query;
  query.after = KeyCursor{INT64_MAX, std::int64_t{0}};
  EXPECT_TRUE(Refs(query).empty());
  query.descending = true;
  EXPECT_THAT(Refs(query), ElementsAre(1));
  query.after = KeyCursor{INT64_MIN, std::int64_t{0}};
  EXPECT_TRUE(Refs(query).empty());
  query.descending = false;
  EXPECT_THAT(Refs(query), ElementsAre(1));
}

TEST_F(KeySearchTest, RefusesPagesOfImpossibleSize) {
  KeyQuery query;
  for (const int limit : {-1, 0, kMaxPageSize + 2}) {
    query.limit = limit;
    Result<std::vector<KeyCursor>> page = keys_->Search(query, {1, 10});
    ASSERT_FALSE(page) << limit;
    EXPECT_EQ(page.error().code(), ErrorCode::kInvalidArgument);
  }
  query.limit = kMaxPageSize + 1;
  EXPECT_TRUE(keys_->Search(query, {1, 10}));
}

TEST_F(KeySearchTest, RefusesAPlaceOfAListInAnotherOrder) {
  Insert({SampleRecord(1)});
  KeyQuery query;
  for (const KeySort sort : {KeySort::kName, KeySort::kExpires}) {
    query.sort = sort;
    for (const bool text : {false, true}) {
      query.after = KeyCursor{1, std::int64_t{5}};
      if (text) query.after->value = std::string("a");
      Result<std::vector<KeyCursor>> page = keys_->Search(query, {1, 10});
      EXPECT_EQ(page.has_value(), text == (sort == KeySort::kName));
      if (!page) {
        EXPECT_EQ(page.error().code(), ErrorCode::kInvalidArgument);
      }
    }
  }
}

TEST_F(KeySearchTest, KnowsTheNewestKeysPlace) {
  EXPECT_EQ(LastRef(), 0);
  Insert({SampleRecord(1), SampleRecord(2)});
  EXPECT_EQ(LastRef(), 2);
}

}  // namespace
}  // namespace claviger::store
