#include "daemon/api/finding_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace claviger::api {
namespace {

std::string NoDetail() { return {}; }

std::vector<std::int64_t> Refs(const FindingList& list) {
  std::vector<std::int64_t> refs;
  for (const FoundKey& key : list.Keys()) refs.push_back(key.ref);
  return refs;
}

TEST(FindingList, KeepsTheMostUrgentAndCountsAll) {
  FindingList list(3);
  for (const std::int64_t ref : {1, 2, 3, 4, 5, 6}) list.Offer(ref, ref % 4, NoDetail);
  EXPECT_EQ(list.count(), 6);
  EXPECT_EQ(Refs(list), (std::vector<std::int64_t>{3, 2, 6}));
}

TEST(FindingList, PutsOlderKeysFirstAmongEquallyUrgentOnes) {
  FindingList list(2);
  for (const std::int64_t ref : {9, 4, 7, 2}) list.Offer(ref, -5, NoDetail);
  EXPECT_EQ(Refs(list), (std::vector<std::int64_t>{2, 4}));
}

TEST(FindingList, AsksForTheDetailOnlyOfWhatItKeeps) {
  FindingList list(1);
  int asked = 0;
  const auto detail = [&asked] { return std::to_string(++asked); };
  list.Offer(1, 10, detail);
  list.Offer(2, 9, detail);
  list.Offer(3, 11, detail);
  EXPECT_EQ(asked, 2);
  ASSERT_EQ(list.Keys().size(), 1U);
  EXPECT_EQ(list.Keys().front().detail, "2");
}

TEST(FindingList, AgreesWithSortingAllOfThem) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    const std::size_t limit = 1 + random() % 20;
    FindingList list(limit);
    std::vector<std::pair<std::int64_t, std::int64_t>> all;  // negative urgency, ref
    for (std::int64_t ref = 1; ref <= static_cast<std::int64_t>(random() % 60); ++ref) {
      const auto urgency = static_cast<std::int64_t>(random() % 10);
      list.Offer(ref, urgency, NoDetail);
      all.emplace_back(-urgency, ref);
    }
    std::sort(all.begin(), all.end());
    std::vector<std::int64_t> expected;
    for (const auto& [urgency, ref] : all) {
      if (expected.size() < limit) expected.push_back(ref);
    }
    EXPECT_EQ(Refs(list), expected);
  }
}

}  // namespace
}  // namespace claviger::api
