// Lists over a real database that has several times as many keys as one step looks at.
#include "daemon/api/key_listing.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <set>

#include "daemon/store/connection.h"
#include "tests/unit/store/sample.h"

namespace claviger::api {
namespace {

constexpr std::uint32_t kKeys = 2 * store::KeyRepository::kScanStep + 500;
constexpr UnixSeconds kListingTime = 1750000000;

class KeyListingTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new store::TempFolder;
    auto opened = store::Connection::Open(folder_->File("keys.db"), store::SampleKey());
    ASSERT_TRUE(opened) << opened.error().message();
    connection_ = opened->release();
    auto filled = connection_->transaction().Begin();
    ASSERT_TRUE(filled) << filled.error().message();
    for (std::uint32_t number = 1; number <= kKeys; ++number) {
      ASSERT_TRUE(connection_->tables().keys.Insert(Record(number)));
    }
    ASSERT_TRUE(connection_->transaction().Commit());
  }
  static void TearDownTestSuite() {
    delete connection_;
    delete folder_;
  }

  static keys::KeyRecord Record(std::uint32_t number) {
    keys::KeyRecord record = store::SampleRecord(number);
    record.name = "key " + std::to_string(number * 7919 % 1000);
    record.owner = number % 1000 == 0 ? "rare" : "alice";
    record.expires = 1800000000 + number * 104729 % 5000;
    return record;
  }

  // All steps of one page.
  static boost::json::object Page(store::KeyQuery query, int* steps = nullptr) {
    query.filter.now = kListingTime;
    KeyListing listing(std::move(query));
    ManagementOutcome outcome;
    for (int step = 1; step < 1000; ++step) {
      const auto done = listing.Step(connection_->tables(), outcome);
      EXPECT_TRUE(done) << done.error().message();
      if (done && !*done) continue;
      if (steps != nullptr) *steps = step;
      break;
    }
    return outcome.reply;
  }
  // The ids of all pages, in order.
  static std::vector<std::string> All(store::KeyQuery query) {
    std::vector<std::string> ids;
    for (int page = 0; page < 1000; ++page) {
      const auto reply = Page(query);
      EXPECT_LE(reply.at("keys").as_array().size(), static_cast<std::size_t>(query.limit));
      for (const auto& key : reply.at("keys").as_array()) ids.emplace_back(key.at("key_id").as_string());
      if (!reply.contains("next_after")) break;
      query.after = store::KeyCursor::Parse(reply.at("next_after").as_string());
      EXPECT_TRUE(query.after);
    }
    return ids;
  }

  static store::TempFolder* folder_;
  static store::Connection* connection_;
};
store::TempFolder* KeyListingTest::folder_ = nullptr;
store::Connection* KeyListingTest::connection_ = nullptr;

TEST_F(KeyListingTest, GivesEachKeyOnceInEveryOrder) {
  for (const auto sort : {store::KeySort::kCreated, store::KeySort::kName, store::KeySort::kExpires,
                          store::KeySort::kLastUsed, store::KeySort::kOwner}) {
    for (const bool descending : {false, true}) {
      store::KeyQuery query;
      query.sort = sort;
      query.descending = descending;
      const auto ids = All(query);
      EXPECT_EQ(ids.size(), kKeys);
      EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), kKeys);
    }
  }
}

TEST_F(KeyListingTest, SortsOverAllStepsAndNotWithinOne) {
  store::KeyQuery query;
  query.sort = store::KeySort::kExpires;
  query.limit = 100;
  std::vector<std::pair<UnixSeconds, std::uint32_t>> expected;
  for (std::uint32_t number = 1; number <= kKeys; ++number)
    expected.emplace_back(Record(number).expires, number);
  std::sort(expected.begin(), expected.end());
  const auto keys = Page(query).at("keys").as_array();
  ASSERT_EQ(keys.size(), 100U);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    EXPECT_EQ(keys[i].at("key_id").as_string(), store::SampleId(expected[i].second).ToString()) << i;
  }
}

TEST_F(KeyListingTest, AListByAgeStopsWhereThePageIsFull) {
  for (const bool descending : {false, true}) {
    store::KeyQuery query;
    query.descending = descending;
    query.limit = 100;
    int steps = 0;
    EXPECT_EQ(Page(query, &steps).at("keys").as_array().size(), 100U);
    EXPECT_EQ(steps, 2);
  }
}

TEST_F(KeyListingTest, TellsThatThereIsMoreOnlyIfThereIs) {
  store::KeyQuery query;
  query.filter.owner = "rare";
  const int rare = kKeys / 1000;
  for (const auto sort : {store::KeySort::kCreated, store::KeySort::kName}) {
    query.sort = sort;
    query.after.reset();
    query.limit = rare;
    EXPECT_FALSE(Page(query).contains("next_after"));
    query.limit = rare - 1;
    const auto first = Page(query);
    ASSERT_TRUE(first.contains("next_after"));
    query.after = store::KeyCursor::Parse(first.at("next_after").as_string());
    const auto second = Page(query);
    EXPECT_EQ(second.at("keys").as_array().size(), 1U);
    EXPECT_FALSE(second.contains("next_after"));
  }
}

TEST_F(KeyListingTest, TheLargestPageKnowsWhetherThereIsMore) {
  store::KeyQuery query;
  query.limit = store::kMaxPageSize;
  query.sort = store::KeySort::kName;
  const auto reply = Page(query);
  EXPECT_EQ(reply.at("keys").as_array().size(), 500U);
  EXPECT_TRUE(reply.contains("next_after"));
}

TEST_F(KeyListingTest, NothingFoundIsAnEmptyPage) {
  store::KeyQuery query;
  query.filter.owner = "nobody";
  for (const auto sort : {store::KeySort::kCreated, store::KeySort::kOwner}) {
    query.sort = sort;
    EXPECT_EQ(Page(query), (boost::json::object{{"keys", boost::json::array()}}));
  }
  query.after = store::KeyCursor{INT64_MAX - 1, std::int64_t{0}};
  query.sort = store::KeySort::kCreated;
  query.filter.owner = "";
  EXPECT_EQ(Page(query), (boost::json::object{{"keys", boost::json::array()}}));
}

TEST_F(KeyListingTest, CountsOverAllSteps) {
  const auto count = [](const std::string& owner) {
    store::KeyFilter filter;
    filter.now = kListingTime;
    filter.owner = owner;
    KeyCounting counting(filter);
    ManagementOutcome outcome;
    int steps = 1;
    for (auto done = counting.Step(connection_->tables(), outcome); done && !*done; ++steps) {
      done = counting.Step(connection_->tables(), outcome);
    }
    EXPECT_EQ(steps, 3);
    return outcome.reply.at("keys").as_int64();
  };
  EXPECT_EQ(count(""), kKeys);
  EXPECT_EQ(count("rare"), kKeys / 1000);
  EXPECT_EQ(count("nobody"), 0);
}

}  // namespace
}  // namespace claviger::api
