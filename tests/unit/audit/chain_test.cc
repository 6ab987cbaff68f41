#include "daemon/audit/chain.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "base/crypto.h"
#include "tests/unit/audit/audit_sample.h"

namespace claviger::audit {
namespace {

AuditRecord Sample() {
  AuditRecord record;
  record.sequence = 7;
  record.epoch = 2;
  record.index = 3;
  record.at = 1700000000;
  record.act = SampleAct(1);
  return record;
}

TEST(ChainTest, TheCanonicalFormIsPinned) {
  const AuditRecord record;
  const std::vector<std::uint8_t> bytes = CanonicalRecord(record);
  const std::string domain = "claviger/audit-record/1";
  // Domain, seven numbers of 8 bytes, seven texts, each with its length in 4 bytes.
  ASSERT_EQ(bytes.size(), 4 + domain.size() + 7 * 12 + 7 * 4);
  EXPECT_EQ(bytes[3], domain.size());
  EXPECT_TRUE(std::equal(domain.begin(), domain.end(), bytes.begin() + 4));
  EXPECT_EQ(bytes[4 + domain.size() + 3], 8);
}

TEST(ChainTest, EveryFieldChangesTheMac) {
  using Change = std::function<void(AuditRecord&)>;
  const std::vector<Change> changes = {
      [](AuditRecord&) {},
      [](AuditRecord& r) { ++r.sequence; },
      [](AuditRecord& r) { ++r.epoch; },
      [](AuditRecord& r) { ++r.index; },
      [](AuditRecord& r) { ++r.at; },
      [](AuditRecord& r) { r.act.actor.user += "x"; },
      [](AuditRecord& r) { ++r.act.actor.uid; },
      [](AuditRecord& r) { ++r.act.actor.gid; },
      [](AuditRecord& r) { ++r.act.actor.pid; },
      [](AuditRecord& r) { r.act.actor.unit.clear(); },
      [](AuditRecord& r) { r.act.actor.command += " "; },
      [](AuditRecord& r) { r.act.name += "x"; },
      [](AuditRecord& r) { r.act.subject += "x"; },
      [](AuditRecord& r) { r.act.before += "x"; },
      [](AuditRecord& r) { r.act.after += "x"; },
  };
  const ChainKey key;
  std::set<Mac> macs;
  for (const Change& change : changes) {
    AuditRecord record = Sample();
    change(record);
    macs.insert(RecordMac(key, record, {}));
  }
  Mac other_previous{};
  other_previous[31] = 1;
  macs.insert(RecordMac(key, Sample(), other_previous));
  EXPECT_EQ(macs.size(), changes.size() + 1);
}

TEST(ChainTest, TextCannotMoveFromOneFieldToTheNext) {
  AuditRecord first, second;
  first.act.before = "ab";
  second.act.before = "a";
  second.act.after = "b";
  EXPECT_NE(CanonicalRecord(first), CanonicalRecord(second));
}

TEST(ChainTest, TheNextKeyIsTheHashOfTheOneBeforeIt) {
  ChainKey key;
  key.ExposeForWriting()[0] = 9;
  const std::string domain = "claviger/audit-ratchet/1";
  std::vector<std::uint8_t> input(domain.begin(), domain.end());
  input.insert(input.end(), key.Expose().begin(), key.Expose().end());
  Ratchet(key);
  EXPECT_TRUE(std::ranges::equal(key.Expose(), Sha256(input)));
}

}  // namespace
}  // namespace claviger::audit
