#include "daemon/deliveries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace claviger {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using Outcome = Deliveries::Outcome;

keys::NoticeCommand Command(const std::string& path,
                            std::vector<keys::Event> events = {keys::Event::kRevoked}) {
  return {{path}, std::move(events), seconds(10)};
}

store::Notice NoticeOf(std::int64_t sequence, keys::Event event = keys::Event::kRevoked) {
  return {sequence, 1700000000, std::string(keys::EventName(event)), "{}"};
}

std::vector<store::Notice> NoticesFrom(std::int64_t first, std::int64_t last) {
  std::vector<store::Notice> notices;
  for (std::int64_t sequence = first; sequence <= last; ++sequence) notices.push_back(NoticeOf(sequence));
  return notices;
}

class DeliveriesTest : public testing::Test {
 protected:
  // What is started now: "path sequence".
  std::vector<std::string> StartAll() {
    std::vector<std::string> started;
    while (const auto start = deliveries_.Next(now_)) {
      started.push_back(start->program.arguments.front() + " " + std::to_string(start->notice.sequence));
      ids_[start->program.arguments.front()] = start->command;
    }
    return started;
  }
  Deliveries::Verdict Finish(const std::string& path, bool success) {
    return deliveries_.Finished(ids_[path], success, now_);
  }

  Deliveries deliveries_;
  SteadyTime now_{seconds(1000)};
  std::map<std::string, std::uint64_t> ids_;
};

TEST_F(DeliveriesTest, TellEveryCommandInOrderAndOneAtATime) {
  deliveries_.SetCommands({Command("/a"), Command("/b")});
  deliveries_.Take(NoticesFrom(1, 2));
  EXPECT_THAT(StartAll(), ElementsAre("/a 1", "/b 1"));
  EXPECT_EQ(Finish("/a", true).outcome, Outcome::kDelivered);
  EXPECT_THAT(StartAll(), ElementsAre("/a 2"));
  Finish("/a", true);
  EXPECT_THAT(StartAll(), IsEmpty());
  EXPECT_THAT(deliveries_.TakeDone(), IsEmpty());
  Finish("/b", true);
  EXPECT_THAT(deliveries_.TakeDone(), ElementsAre(1));
  EXPECT_THAT(StartAll(), ElementsAre("/b 2"));
  Finish("/b", true);
  EXPECT_THAT(deliveries_.TakeDone(), ElementsAre(2));
}

TEST_F(DeliveriesTest, PassOverEventsThatACommandDoesNotWant) {
  deliveries_.SetCommands({Command("/a", {keys::Event::kLeaked})});
  deliveries_.Take({NoticeOf(1), NoticeOf(2, keys::Event::kLeaked), NoticeOf(3)});
  EXPECT_THAT(StartAll(), ElementsAre("/a 2"));
  EXPECT_THAT(deliveries_.TakeDone(), ElementsAre(1));
  Finish("/a", true);
  EXPECT_THAT(deliveries_.TakeDone(), ElementsAre(2, 3));
}

TEST_F(DeliveriesTest, AreDoneWithWhatNobodyWants) {
  deliveries_.SetCommands({});
  deliveries_.Take(NoticesFrom(1, 2));
  EXPECT_THAT(StartAll(), IsEmpty());
  EXPECT_THAT(deliveries_.TakeDone(), ElementsAre(1, 2));
  deliveries_.SetCommands({Command("/a", {keys::Event::kLeaked})});
  store::Notice unknown = NoticeOf(3);
  unknown.event = "key.of_a_later_version";
  deliveries_.Take({unknown});
  EXPECT_THAT(deliveries_.TakeDone(), ElementsAre(3));
}

TEST_F(DeliveriesTest, TryAFailedNoticeAgainLaterAndLaterAndThenGiveItUp) {
  deliveries_.SetCommands({Command("/a")});
  deliveries_.Take(NoticesFrom(1, 1));
  for (const seconds delay : Deliveries::kDelays) {
    EXPECT_THAT(StartAll(), ElementsAre("/a 1"));
    const auto verdict = Finish("/a", false);
    EXPECT_EQ(verdict.outcome, Outcome::kRetry);
    EXPECT_EQ(verdict.delay, delay);
    EXPECT_THAT(StartAll(), IsEmpty());
    EXPECT_EQ(deliveries_.NextStart(), now_ + delay);
    now_ += delay;
  }
  EXPECT_THAT(StartAll(), ElementsAre("/a 1"));
  EXPECT_THAT(deliveries_.TakeDone(), IsEmpty());
  const auto verdict = Finish("/a", false);
  EXPECT_EQ(verdict.outcome, Outcome::kGivenUp);
  EXPECT_EQ(verdict.attempts, 4);
  EXPECT_THAT(deliveries_.TakeDone(), ElementsAre(1));
  EXPECT_EQ(deliveries_.NextStart(), std::nullopt);
}

TEST_F(DeliveriesTest, GiveABrokenCommandOneAttemptForEachNoticeUntilItSucceeds) {
  deliveries_.SetCommands({Command("/a")});
  deliveries_.Take(NoticesFrom(1, 4));
  for (const seconds delay : Deliveries::kDelays) {
    StartAll();
    Finish("/a", false);
    now_ += delay;
  }
  StartAll();
  EXPECT_EQ(Finish("/a", false).outcome, Outcome::kGivenUp);
  EXPECT_THAT(StartAll(), ElementsAre("/a 2"));
  EXPECT_EQ(Finish("/a", false).outcome, Outcome::kGivenUp);
  EXPECT_THAT(StartAll(), ElementsAre("/a 3"));
  EXPECT_EQ(Finish("/a", true).outcome, Outcome::kDelivered);
  EXPECT_THAT(StartAll(), ElementsAre("/a 4"));
  EXPECT_EQ(Finish("/a", false).outcome, Outcome::kRetry);
}

TEST_F(DeliveriesTest, LetNoCommandHoldUpAnother) {
  deliveries_.SetCommands({Command("/hangs"), Command("/fails"), Command("/works")});
  deliveries_.Take(NoticesFrom(1, 3));
  EXPECT_THAT(StartAll(), ElementsAre("/hangs 1", "/fails 1", "/works 1"));
  Finish("/fails", false);
  Finish("/works", true);
  EXPECT_THAT(StartAll(), ElementsAre("/works 2"));
  Finish("/works", true);
  EXPECT_THAT(StartAll(), ElementsAre("/works 3"));
}

TEST_F(DeliveriesTest, TakeNoNoticeTwiceAlsoAfterItIsDone) {
  deliveries_.SetCommands({Command("/a")});
  deliveries_.Take(NoticesFrom(1, 2));
  StartAll();
  Finish("/a", true);
  EXPECT_THAT(deliveries_.TakeDone(), ElementsAre(1));
  deliveries_.Take(NoticesFrom(1, 3));  // as the outbox reads if the removal failed
  EXPECT_THAT(StartAll(), ElementsAre("/a 2"));
  Finish("/a", true);
  EXPECT_THAT(StartAll(), ElementsAre("/a 3"));
}

TEST_F(DeliveriesTest, HoldNoMoreThanTheirWindowAndTakeTheRestLater) {
  constexpr auto kWindow = static_cast<std::int64_t>(Deliveries::kWindow);
  deliveries_.SetCommands({Command("/a")});
  deliveries_.Take(NoticesFrom(1, kWindow + 10));
  EXPECT_FALSE(deliveries_.wants_more());
  for (std::int64_t sequence = 1; sequence <= kWindow; ++sequence) {
    EXPECT_EQ(StartAll(), std::vector{"/a " + std::to_string(sequence)});
    Finish("/a", true);
  }
  EXPECT_THAT(StartAll(), IsEmpty());
  EXPECT_EQ(deliveries_.TakeDone().size(), Deliveries::kWindow);
  EXPECT_TRUE(deliveries_.wants_more());
  deliveries_.Take(NoticesFrom(kWindow + 1, kWindow + 10));
  EXPECT_EQ(StartAll(), std::vector{"/a " + std::to_string(kWindow + 1)});
}

TEST_F(DeliveriesTest, KeepTheirPlaceWhenTheSettingsAreReadAgain) {
  deliveries_.SetCommands({Command("/a")});
  deliveries_.Take(NoticesFrom(1, 2));
  StartAll();
  deliveries_.SetCommands({Command("/b"), Command("/a")});
  EXPECT_THAT(StartAll(), ElementsAre("/b 1"));  // /a still runs
  Finish("/a", true);
  EXPECT_THAT(StartAll(), ElementsAre("/a 2"));
}

TEST_F(DeliveriesTest, ForgetACommandThatTheSettingsNoLongerHave) {
  deliveries_.SetCommands({Command("/a")});
  deliveries_.Take(NoticesFrom(1, 1));
  StartAll();
  deliveries_.SetCommands({});
  EXPECT_THAT(deliveries_.TakeDone(), ElementsAre(1));
  EXPECT_EQ(Finish("/a", false).outcome, Outcome::kGivenUp);
  EXPECT_EQ(deliveries_.NextStart(), std::nullopt);
}

}  // namespace
}  // namespace claviger
