#include "daemon/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace claviger {
namespace {

using api::Event;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

using Entry = std::vector<std::string>;

// Stands for systemd's journal; outlives the Journal, whose thread may still be writing.
struct FakeJournal {
  Journal::Writer Writer(const std::shared_ptr<FakeJournal>& self) const {
    return [self](const Entry& fields) {
      if (self->blocked.valid()) self->blocked.wait();
      const std::lock_guard lock(self->mutex);
      self->entries.push_back(fields);
    };
  }
  std::vector<Entry> Entries() {
    const std::lock_guard lock(mutex);
    return entries;
  }
  std::shared_future<void> blocked;  // set before the first entry
  std::mutex mutex;
  std::vector<Entry> entries;
};

bool All(api::Severity) { return true; }

std::string ValueOf(const Entry& entry, const std::string& name) {
  for (const std::string& field : entry) {
    if (field.starts_with(name + "=")) return field.substr(name.size() + 1);
  }
  return "";
}

audit::AuditRecord RevokedKey() {
  audit::AuditRecord record;
  record.sequence = 12;
  record.act.actor = {"alice", 1000, 1000, 4242, "ssh.service", "claviger"};
  record.act.name = "key.revoke";
  record.act.subject = "02fyDJNXTbhzYAj8Q";
  record.act.before = R"({"name":"deploy","owner":"bob","state":"active"})";
  record.act.after = R"({"name":"deploy","owner":"bob","state":"revoked","end_reason":"left"})";
  return record;
}

TEST(EventKindTest, EveryKindHasAMessageIdOfItsOwn) {
  std::set<std::string_view> ids, names;
  for (const api::EventKind& kind : api::EventKinds()) {
    EXPECT_EQ(kind.message_id.size(), 32U);
    EXPECT_EQ(kind.message_id.find_first_not_of("0123456789abcdef"), std::string_view::npos);
    EXPECT_TRUE(ids.insert(kind.message_id).second) << kind.name;
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_GT(kind.burst, 0);
  }
}

TEST(EventKindTest, AnActThatHasNoKindIsToldByItsName) {
  audit::AuditRecord record = RevokedKey();
  record.act.name = "key.unheard_of";
  const Event event = api::EventOf(record);
  EXPECT_EQ(event.kind->name, api::kOtherAct);
  EXPECT_THAT(event.message, HasSubstr("key.unheard_of"));
}

TEST(JournalFieldsTest, AnActHasTheFieldsThatOneSearchesBy) {
  const Entry entry = JournalFields(api::EventOf(RevokedKey()));
  EXPECT_EQ(ValueOf(entry, "MESSAGE"), "key 02fyDJNXTbhzYAj8Q (deploy) was revoked by alice: left");
  EXPECT_EQ(ValueOf(entry, "PRIORITY"), "6");
  EXPECT_EQ(ValueOf(entry, "SYSLOG_IDENTIFIER"), "clavigerd");
  EXPECT_EQ(ValueOf(entry, "MESSAGE_ID"), api::EventKindOf("key.revoke").message_id);
  EXPECT_EQ(ValueOf(entry, "CLAVIGER_EVENT"), "key.revoke");
  EXPECT_EQ(ValueOf(entry, "ACT"), "key.revoke");
  EXPECT_EQ(ValueOf(entry, "AUDIT_SEQUENCE"), "12");
  EXPECT_EQ(ValueOf(entry, "KEY_ID"), "02fyDJNXTbhzYAj8Q");
  EXPECT_EQ(ValueOf(entry, "KEY_NAME"), "deploy");
  EXPECT_EQ(ValueOf(entry, "OWNER"), "bob");
  EXPECT_EQ(ValueOf(entry, "PEER_USER"), "alice");
  EXPECT_EQ(ValueOf(entry, "PEER_UID"), "1000");
  EXPECT_EQ(ValueOf(entry, "PEER_UNIT"), "ssh.service");
}

TEST(JournalFieldsTest, WhatTheDaemonDoesByItselfHasNoPeer) {
  audit::AuditRecord record = RevokedKey();
  record.act.actor = {"clavigerd", 0, 0, 0, "", ""};
  const Entry entry = JournalFields(api::EventOf(record));
  EXPECT_THAT(entry, Contains("PEER_USER=clavigerd"));
  EXPECT_THAT(entry, Not(Contains(StartsWith("PEER_UID="))));
}

TEST(JournalFieldsTest, HostileTextAddsNoFieldAndNoLine) {
  audit::AuditRecord record = RevokedKey();
  record.act.after = R"({"name":"a\nMESSAGE_ID=00\u0000\u001b[2J","owner":"\u202ebob"})";
  for (const std::string& field : JournalFields(api::EventOf(record))) {
    EXPECT_EQ(field.find('\n'), std::string::npos);
    EXPECT_EQ(field.find('\0'), std::string::npos);
    EXPECT_EQ(field.find('\x1b'), std::string::npos);
    EXPECT_EQ(field.find("\u202e"), std::string::npos);
  }
}

TEST(JournalFieldsTest, ALongValueIsCut) {
  Event event(api::kEventStoreFailure, std::string(10 * Journal::kMaxValueBytes, 'x'));
  EXPECT_EQ(ValueOf(JournalFields(event), "MESSAGE").size(), Journal::kMaxValueBytes);
}

TEST(JournalTest, WritesWhatIsQueuedBeforeItEnds) {
  const auto fake = std::make_shared<FakeJournal>();
  {
    Journal journal(fake->Writer(fake), All);
    for (int i = 0; i < 50; ++i) journal.Post(Event(api::kEventTokenState, std::to_string(i)));
  }
  const auto entries = fake->Entries();
  ASSERT_EQ(entries.size(), 50U);
  for (std::size_t i = 0; i < entries.size(); ++i)
    EXPECT_EQ(ValueOf(entries[i], "MESSAGE"), std::to_string(i));
}

TEST(JournalTest, LeavesOutWhatTheLevelDoesNotWant) {
  const auto fake = std::make_shared<FakeJournal>();
  {
    Journal journal(fake->Writer(fake),
                    [](api::Severity severity) { return severity != api::Severity::kInfo; });
    journal.Post(Event(api::kEventDenied, "quiet"));
    journal.Post(Event(api::kEventRecordChanged, "loud"));
  }
  ASSERT_EQ(fake->Entries().size(), 1U);
  EXPECT_EQ(ValueOf(fake->Entries()[0], "MESSAGE"), "loud");
}

TEST(JournalTest, AFloodOfOneKindIsBoundedAndToldOf) {
  const auto fake = std::make_shared<FakeJournal>();
  const int burst = api::EventKindOf(api::kEventDenied).burst;
  {
    Journal journal(fake->Writer(fake), All);
    for (int i = 0; i < 10'000; ++i) journal.Post(Event(api::kEventDenied, "no"));
    journal.Post(Event(api::kEventRecordChanged, "another kind has its own bound"));
  }
  const auto entries = fake->Entries();
  ASSERT_EQ(entries.size(), static_cast<std::size_t>(burst) + 2);
  EXPECT_EQ(ValueOf(entries[entries.size() - 2], "CLAVIGER_EVENT"), api::kEventRecordChanged);
  EXPECT_EQ(ValueOf(entries.back(), "CLAVIGER_EVENT"), api::kEventLeftOut);
  EXPECT_EQ(ValueOf(entries.back(), "KIND"), api::kEventDenied);
  EXPECT_EQ(ValueOf(entries.back(), "COUNT"), std::to_string(10'000 - burst));
}

TEST(JournalTest, AJournalThatIsStuckHoldsUpNobodyAndIsToldOfLater) {
  const auto fake = std::make_shared<FakeJournal>();
  std::promise<void> unblock;
  fake->blocked = unblock.get_future().share();
  {
    Journal journal(fake->Writer(fake), All);
    // More than the queue holds, in kinds enough that no kind's own bound is reached first.
    std::size_t posted = 0;
    for (const api::EventKind& kind : api::EventKinds()) {
      for (int i = 0; i < kind.burst; ++i, ++posted) journal.Post(Event(kind.name, "x"));
    }
    ASSERT_GT(posted, Journal::kMaxQueued + 1);
    EXPECT_THAT(fake->Entries(), IsEmpty());
    unblock.set_value();
  }
  const auto entries = fake->Entries();
  EXPECT_LE(entries.size(), Journal::kMaxQueued + 2);
  EXPECT_TRUE(std::any_of(entries.begin(), entries.end(), [](const Entry& entry) {
    return ValueOf(entry, "MESSAGE").find("did not take them in time") != std::string::npos;
  }));
}

TEST(JournalTest, AJournalThatIsStuckForGoodDoesNotKeepTheDaemonFromEnding) {
  const auto fake = std::make_shared<FakeJournal>();
  std::promise<void> unblock;
  fake->blocked = unblock.get_future().share();
  {
    Journal journal(fake->Writer(fake), All);
    journal.Post(Event(api::kEventTokenState, "x"));
  }
  EXPECT_THAT(fake->Entries(), IsEmpty());
  unblock.set_value();
}

}  // namespace
}  // namespace claviger
