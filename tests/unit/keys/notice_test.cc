#include "daemon/keys/notice.h"

#include <gtest/gtest.h>

#include <set>

namespace claviger::keys {
namespace {

TEST(Event, HasANameBothWaysAndNoTwoTheSame) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kEvents; ++i) {
    const auto event = static_cast<Event>(i);
    names.insert(EventName(event));
    EXPECT_EQ(ParseEvent(EventName(event)), event);
    EXPECT_EQ(EventName(event).substr(0, 4), "key.");
  }
  EXPECT_EQ(names.size(), kEvents);
  EXPECT_EQ(EventName(Event::kCreated), "key.created");
  EXPECT_EQ(EventName(Event::kEndedSecretPresented), "key.ended_secret_presented");
  EXPECT_EQ(EventName(Event::kLeaked), "key.leaked");
}

TEST(Event, IsNothingElse) {
  for (const char* name : {"", "key", "key.", "created", "key.Created", "key.created ", "*"}) {
    EXPECT_FALSE(ParseEvent(name)) << name;
  }
}

TEST(NoticeCommand, WantsTheEventsThatItNames) {
  NoticeCommand command;
  EXPECT_FALSE(command.Wants(Event::kCreated));
  command.events = {Event::kExpiring, Event::kLeaked};
  EXPECT_TRUE(command.Wants(Event::kLeaked));
  EXPECT_FALSE(command.Wants(Event::kCreated));
}

TEST(NoticeSettings, WarnThirtySevenAndOneDayBefore) {
  EXPECT_EQ(NoticeSettings().steps, (std::vector<std::int64_t>{30 * 86400, 7 * 86400, 86400}));
}

}  // namespace
}  // namespace claviger::keys
