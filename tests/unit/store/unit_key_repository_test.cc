#include "daemon/store/unit_key_repository.h"

#include <gtest/gtest.h>

#include "daemon/store/migrations.h"

namespace claviger::store {
namespace {

class UnitKeys : public ::testing::Test {
 protected:
  void SetUp() override {
    auto database = Database::OpenInMemory();
    ASSERT_TRUE(database);
    database_ = std::move(*database);
    ASSERT_TRUE(Migrate(*database_));
    auto keys = UnitKeyRepository::Create(*database_);
    ASSERT_TRUE(keys) << keys.error().message();
    keys_ = std::move(*keys);
  }

  std::unique_ptr<Database> database_;
  std::unique_ptr<UnitKeyRepository> keys_;
};

UnitKey Sample(std::string unit, std::string group = "") {
  UnitKey key{std::move(unit), "api-key", {}, std::move(group)};
  key.key.bytes[0] = 1;
  return key;
}

TEST_F(UnitKeys, AreFoundByUnitAndCredential) {
  ASSERT_TRUE(keys_->Put(Sample("app.service")));
  const auto found = keys_->Find("app.service", "api-key");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ(**found, Sample("app.service"));
  const auto other = keys_->Find("app.service", "other");
  ASSERT_TRUE(other);
  EXPECT_FALSE(*other);
}

TEST_F(UnitKeys, AreReplaced) {
  ASSERT_TRUE(keys_->Put(Sample("app.service", "/a")));
  UnitKey later = Sample("app.service");
  later.key.bytes[0] = 2;
  ASSERT_TRUE(keys_->Put(later));
  const auto found = keys_->Find("app.service", "api-key");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ(**found, later);
}

TEST_F(UnitKeys, ThatEndWithTheirUnitAreListed) {
  ASSERT_TRUE(keys_->Put(Sample("app.service", "/system.slice/app.service")));
  ASSERT_TRUE(keys_->Put(Sample("stays.service")));
  const auto ending = keys_->EndingWithUnit();
  ASSERT_TRUE(ending);
  ASSERT_EQ(ending->size(), 1U);
  EXPECT_EQ(ending->front(), Sample("app.service", "/system.slice/app.service"));
}

}  // namespace
}  // namespace claviger::store
