// A store thread on a database of its own, for the tests of what it does with its works.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "daemon/store/store_thread.h"
#include "tests/unit/store/sample.h"

namespace claviger::store {

inline StoreThread::Work InsertKey(std::uint32_t number) {
  return [number](Tables& tables) { return tables.keys.Insert(SampleRecord(number)); };
}

class StoreThreadFixture : public testing::Test {
 protected:
  std::unique_ptr<StoreThread> Start(StoreThread::Hooks hooks = {}) {
    auto thread = std::make_unique<StoreThread>(path_, std::move(hooks));
    Status open = OpenAndWait(*thread);
    EXPECT_TRUE(open) << open.error().message();
    return thread;
  }
  static std::int64_t CountKeys(StoreThread& thread) {
    std::int64_t count = -1;
    EXPECT_TRUE(RunAndWait(thread, WorkKind::kRead, [&count](Tables& tables) -> Status {
      count = tables.keys.Count().value();
      return Ok();
    }));
    return count;
  }

  const TempFolder folder_;
  const std::string path_ = folder_.File("db");
};

}  // namespace claviger::store
