#include "daemon/store/statement.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "tests/unit/store/sample.h"

namespace claviger::store {
namespace {

class StatementTest : public testing::Test {
 protected:
  void SetUp() override {
    Result<std::unique_ptr<Database>> database = Database::OpenInMemory();
    ASSERT_TRUE(database);
    database_ = std::move(*database);
    ASSERT_TRUE(database_->Execute("CREATE TABLE t (a, b)"));
  }
  Statement Prepare(std::string_view sql) {
    Result<Statement> statement = Statement::Prepare(*database_, sql);
    EXPECT_TRUE(statement) << sql;
    return std::move(statement.value());
  }

  std::unique_ptr<Database> database_;
};

TEST_F(StatementTest, KeepsIntegersTextBlobsAndNull) {
  const std::array<std::uint8_t, 3> blob = {0, 1, 255};
  const std::string text("a\0b", 3);
  Statement select = Prepare("SELECT ?1, ?2, ?3, ?4, typeof(?4)");
  select.Bind(1, std::numeric_limits<std::int64_t>::min()).Bind(2, text).Bind(3, blob);
  select.Bind(4, std::optional<std::int64_t>());
  Result<bool> row = select.Step();
  ASSERT_TRUE(row && *row);
  EXPECT_EQ(select.Int(0), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(select.Text(1), text);
  EXPECT_TRUE(std::ranges::equal(select.Blob(2), blob));
  EXPECT_EQ(select.OptionalInt(3), std::nullopt);
  EXPECT_EQ(select.Text(4), "null");
}

TEST_F(StatementTest, BindsEmptyTextAndEmptyBlobAsValuesNotAsNull) {
  Statement select = Prepare("SELECT typeof(?1), typeof(?2)");
  select.Bind(1, std::string_view()).Bind(2, std::span<const std::uint8_t>());
  Result<bool> row = select.Step();
  ASSERT_TRUE(row && *row);
  EXPECT_EQ(select.Text(0), "text");
  EXPECT_EQ(select.Text(1), "blob");
}

TEST_F(StatementTest, CanRunAgainAfterItsLastRowAndForgetsItsBindings) {
  Statement insert = Prepare("INSERT INTO t VALUES (?1, ?2)");
  ASSERT_TRUE(insert.Bind(1, 1).Bind(2, "x").Run());
  ASSERT_TRUE(insert.Bind(1, 2).Run());
  EXPECT_EQ(QueryInt(*database_, "SELECT count(*) FROM t"), 2);
  EXPECT_EQ(QueryInt(*database_, "SELECT count(*) FROM t WHERE b IS NULL"), 1);
}

TEST_F(StatementTest, ReportsAWrongParameterIndexWhenItRuns) {
  Statement insert = Prepare("INSERT INTO t VALUES (?1, ?2)");
  Status run = insert.Bind(3, 1).Run();
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code(), ErrorCode::kInternal);
  EXPECT_TRUE(insert.Bind(1, 1).Run());
}

TEST_F(StatementTest, RefusesSqlThatIsNone) {
  Result<Statement> statement = Statement::Prepare(*database_, "SELEC 1");
  ASSERT_FALSE(statement);
  EXPECT_EQ(statement.error().code(), ErrorCode::kInternal);
  EXPECT_FALSE(database_->failed());
}

TEST_F(StatementTest, ReportsABrokenConstraintWithoutCallingTheStorageFailed) {
  ASSERT_TRUE(database_->Execute("CREATE UNIQUE INDEX u ON t (a)"));
  Statement insert = Prepare("INSERT INTO t VALUES (?1, NULL)");
  ASSERT_TRUE(insert.Bind(1, 1).Run());
  Status again = insert.Bind(1, 1).Run();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), ErrorCode::kConflict);
  EXPECT_FALSE(database_->failed());
}

TEST_F(StatementTest, SurvivesBeingMoved) {
  Statement first = Prepare("SELECT 1");
  Statement second = std::move(first);
  Statement third = Prepare("SELECT 2");
  third = std::move(second);
  Result<bool> row = third.Step();
  ASSERT_TRUE(row && *row);
  EXPECT_EQ(third.Int(0), 1);
}

TEST_F(StatementTest, ResetOnExitLeavesNoOpenRead) {
  ASSERT_TRUE(database_->Execute("INSERT INTO t VALUES (1, 2), (3, 4)"));
  Statement select = Prepare("SELECT a FROM t");
  {
    const ResetOnExit reset(select);
    ASSERT_TRUE(select.Step());
  }
  // A read in progress would forbid this.
  EXPECT_TRUE(database_->Execute("DROP TABLE t"));
}

}  // namespace
}  // namespace claviger::store
