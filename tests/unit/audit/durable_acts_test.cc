// Which acts are handed out for the journal: those that are durable, and no others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/audit/audit_sample.h"

namespace claviger::audit {
namespace {

using store::StoreThread;
using store::Tables;
using store::WorkKind;
using testing::ElementsAre;
using testing::IsEmpty;

class DurableActsTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(store::OpenAndWait(thread_)); }
  StoreThread::Hooks Hooks() {
    return {{},
            [this] { log_.Invalidate(); },
            [this](bool kept) { log_.WorkEnded(kept); },
            [this](bool durable) {
              log_.TransactionEnded(durable);
              for (const AuditRecord& record : log_.TakeDurable()) told_.push_back(record.act.subject);
            }};
  }
  // Appends an act about `subject`, then fails if `works` is false.
  void Submit(const std::string& subject, bool works, bool writes = true) {
    ASSERT_TRUE(thread_.Submit(
        WorkKind::kWrite,
        [this, subject, works, writes](Tables& tables) -> Status {
          Act act = SampleAct(0);
          act.subject = subject;
          if (writes && !log_.Append(tables.database, act, 1700000000))
            return Error(ErrorCode::kInternal, "x");
          if (!works) return Error(ErrorCode::kConflict, "refused after the act was written");
          return Ok();
        },
        // At the answer, the act must have been told already.
        [this, subject, works](const Status& status) {
          EXPECT_EQ(status.has_value(), works);
          if (works) answered_with_.push_back(told_.size());
        }));
  }
  void Wait() {
    ASSERT_TRUE(store::RunAndWait(thread_, WorkKind::kWrite, [](Tables&) -> Status { return Ok(); }));
  }

  const store::TempFolder folder_;
  SampleToken token_;
  AuditLog log_{token_.Source()};
  std::vector<std::string> told_;
  std::vector<std::size_t> answered_with_;
  StoreThread thread_{folder_.File("db"), Hooks()};
};

TEST_F(DurableActsTest, AnActIsToldBeforeItsAnswer) {
  Submit("a", true);
  Wait();
  EXPECT_THAT(told_, ElementsAre("a"));
  EXPECT_THAT(answered_with_, ElementsAre(1U));
}

TEST_F(DurableActsTest, AnActThatWasUndoneAloneIsNotTold) {
  Submit("a", false);
  Wait();
  EXPECT_THAT(told_, IsEmpty());
  Submit("b", true);
  Wait();
  EXPECT_THAT(told_, ElementsAre("b"));
}

TEST_F(DurableActsTest, InAGroupOnlyTheActsThatWereKeptAreTold) {
  {
    store::Gate gate(thread_);
    Submit("a", true);
    Submit("b", false);
    Submit("c", true);
    Submit("d", false);
  }
  Wait();
  EXPECT_THAT(told_, ElementsAre("a", "c"));
  EXPECT_THAT(answered_with_, ElementsAre(2U, 2U));
}

TEST(FailingCommitTest, AnActWhoseCommitFailedIsNotTold) {
  const store::TempFolder folder;
  SampleToken token;
  AuditLog log(token.Source());
  std::vector<std::string> told;
  bool fail = true;
  StoreThread thread(folder.File("db"),
                     {[&fail](Tables&) -> Status {
                        if (fail) return Error(ErrorCode::kUnavailable, "no");
                        return Ok();
                      },
                      [&log] { log.Invalidate(); }, [&log](bool kept) { log.WorkEnded(kept); },
                      [&](bool durable) {
                        log.TransactionEnded(durable);
                        for (const AuditRecord& record : log.TakeDurable())
                          told.push_back(record.act.subject);
                      }});
  ASSERT_TRUE(store::OpenAndWait(thread));
  const auto act = [&log](Tables& tables) -> Status {
    const auto sequence = log.Append(tables.database, SampleAct(0), 1700000000);
    if (!sequence) return sequence.error();
    return Ok();
  };
  EXPECT_FALSE(store::RunAndWait(thread, WorkKind::kWrite, act));
  EXPECT_THAT(told, IsEmpty());
  fail = false;
  EXPECT_TRUE(store::RunAndWait(thread, WorkKind::kWrite, act));
  EXPECT_THAT(told, ElementsAre("key-0"));
}

}  // namespace
}  // namespace claviger::audit
