// The audit log as the daemon uses it: on the store thread, one record in the transaction of each act.
#include <gtest/gtest.h>

#include <atomic>

#include "daemon/audit/audit_log.h"
#include "tests/unit/audit/audit_sample.h"

namespace claviger::audit {
namespace {

using store::RunAndWait;
using store::StoreThread;
using store::Tables;
using store::WorkKind;

TEST(AuditStoreTest, ActsAndRecordsAreThereTogetherOrNotAtAll) {
  const store::TempFolder folder;
  SampleToken token;
  AuditLog log(token.Source());
  StoreThread thread(folder.File("db"), {{}, [&log] { log.Invalidate(); }});
  ASSERT_TRUE(store::OpenAndWait(thread));
  std::atomic<int> good = 0;
  {
    store::Gate gate(thread);
    for (int i = 0; i < 60; ++i) {
      ASSERT_TRUE(thread.Submit(
          WorkKind::kWrite,
          [&log, i](Tables& tables) -> Status {
            Result<std::int64_t> sequence = log.Append(tables.database, SampleAct(i), 1700000000);
            if (!sequence) return sequence.error();
            // Every third id exists already: its record must go with it.
            return tables.keys.Insert(
                store::SampleRecord(static_cast<std::uint32_t>(i - (i % 3 == 2 ? 1 : 0))));
          },
          [&good](const Status& status) { good += status ? 1 : 0; }));
    }
  }
  // A write, since a read would be answered before the writes that wait with it.
  EXPECT_TRUE(RunAndWait(thread, WorkKind::kWrite, [&](Tables& tables) -> Status {
    EXPECT_EQ(tables.keys.Count().value(), 40);
    const ChainCheck check = VerifyAll(tables.database, log).value();
    EXPECT_EQ(check.records, 40);
    EXPECT_EQ(check.broken_at, std::nullopt) << check.reason;
    return Ok();
  }));
  EXPECT_EQ(good, 40);
}

}  // namespace
}  // namespace claviger::audit
