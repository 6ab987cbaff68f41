// What the tests of the tables of keys work on.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/store/key_repository.h"
#include "daemon/store/usage_repository.h"
#include "tests/unit/store/sample.h"

namespace claviger::store {

class KeyTablesTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = OpenSample(folder_.File("db"));
    ASSERT_NE(database_, nullptr);
    Result<std::unique_ptr<KeyRepository>> keys = KeyRepository::Create(*database_);
    ASSERT_TRUE(keys);
    keys_ = std::move(*keys);
    Result<std::unique_ptr<UsageRepository>> usage = UsageRepository::Create(*database_);
    ASSERT_TRUE(usage);
    usage_ = std::move(*usage);
  }
  // All of it is one transaction: thousands of commits would wait for the disk.
  void Insert(const std::vector<keys::KeyRecord>& records) {
    ASSERT_TRUE(database_->Execute("BEGIN"));
    for (const keys::KeyRecord& record : records) {
      Status inserted = keys_->Insert(record);
      ASSERT_TRUE(inserted) << inserted.error().message();
    }
    ASSERT_TRUE(database_->Execute("COMMIT"));
  }
  void Use(const keys::KeyId& id, UnixSeconds time) {
    UsageIncrement increment;
    increment.id = id;
    increment.uses = {{1, {1000, "web.service"}, 0, time, 1}};
    Status added = usage_->Add(increment);
    ASSERT_TRUE(added) << added.error().message();
  }
  std::int64_t LastRef() { return keys_->LastRef().value(); }

  const TempFolder folder_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<KeyRepository> keys_;
  std::unique_ptr<UsageRepository> usage_;
};

}  // namespace claviger::store
