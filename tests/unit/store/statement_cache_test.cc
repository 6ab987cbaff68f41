#include "daemon/store/statement_cache.h"

#include <gtest/gtest.h>

#include "tests/unit/store/sample.h"

namespace claviger::store {
namespace {

std::string Query(std::size_t number) { return "SELECT " + std::to_string(number); }

TEST(StatementCacheTest, GivesTheSameStatementForTheSameTextAndKeepsThoseUsedLast) {
  const std::unique_ptr<Database> database = Database::OpenInMemory().value();
  StatementCache cache(*database);
  const Statement* first = cache.Get(Query(0)).value();
  EXPECT_EQ(cache.Get(Query(0)).value(), first);
  for (std::size_t i = 1; i < 10 * StatementCache::kCapacity; ++i) {
    ASSERT_TRUE(cache.Get(Query(i)));
    EXPECT_EQ(cache.Get(Query(0)).value(), first);  // used again and again, so it stays
    EXPECT_LE(cache.size(), StatementCache::kCapacity);
  }
  EXPECT_EQ(cache.size(), StatementCache::kCapacity);
}

TEST(StatementCacheTest, RunsAgainWhatItHadToForget) {
  const std::unique_ptr<Database> database = Database::OpenInMemory().value();
  StatementCache cache(*database);
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < 2 * StatementCache::kCapacity; ++i) {
      Statement& statement = *cache.Get(Query(i)).value();
      ASSERT_TRUE(statement.Step().value());
      EXPECT_EQ(statement.Int(0), static_cast<std::int64_t>(i));
      statement.Reset();
    }
  }
}

TEST(StatementCacheTest, KeepsNothingOfTextThatIsNoStatement) {
  const std::unique_ptr<Database> database = Database::OpenInMemory().value();
  StatementCache cache(*database);
  EXPECT_FALSE(cache.Get("SELECT FROM"));
  EXPECT_EQ(cache.size(), 0U);
}

}  // namespace
}  // namespace claviger::store
