#include "daemon/heartbeat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace claviger {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

// A part that answers when the test says so.
struct Part {
  std::string name;
  std::vector<std::function<void()>> questions{};
  bool reachable = true;
  bool away = false;
  seconds patience{0};

  VitalPart Watched() {
    return {name,
            [this](std::function<void()> answer) {
              if (reachable) questions.push_back(std::move(answer));
              return reachable;
            },
            patience, [this] { return away; }};
  }
  void Answer() {
    for (const auto& question : std::exchange(questions, {})) question();
  }
};

TEST(Heartbeat, IsTrueAsLongAsEveryPartAnswersBetweenTwoChecks) {
  Part a{"a"};
  Part b{"b"};
  Heartbeat heartbeat({a.Watched(), b.Watched()});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(heartbeat.Check(SteadyTime(seconds(i))));
    EXPECT_THAT(heartbeat.missing(), IsEmpty());
    a.Answer();
    b.Answer();
  }
}

TEST(Heartbeat, NamesThePartThatDoesNotAnswerUntilItDoes) {
  Part a{"a"};
  Part b{"b"};
  Heartbeat heartbeat({a.Watched(), b.Watched()});
  EXPECT_TRUE(heartbeat.Check(SteadyTime(seconds(0))));
  a.Answer();
  for (int i = 1; i < 4; ++i) {
    EXPECT_FALSE(heartbeat.Check(SteadyTime(seconds(i))));
    EXPECT_THAT(heartbeat.missing(), ElementsAre("b"));
    EXPECT_EQ(b.questions.size(), 1U) << "a part that is stuck is not asked again";
    a.Answer();
  }
  b.Answer();
  EXPECT_TRUE(heartbeat.Check(SteadyTime(seconds(4))));
}

TEST(Heartbeat, WaitsForAPartWithPatienceAndNoLonger) {
  Part slow{"slow"};
  slow.patience = seconds(10);
  Heartbeat heartbeat({slow.Watched()});
  EXPECT_TRUE(heartbeat.Check(SteadyTime(seconds(0))));
  EXPECT_TRUE(heartbeat.Check(SteadyTime(seconds(9))));
  EXPECT_FALSE(heartbeat.Check(SteadyTime(seconds(10))));
  slow.Answer();
  EXPECT_TRUE(heartbeat.Check(SteadyTime(seconds(11))));
}

TEST(Heartbeat, ExcusesAPartOnlyWhileItIsAway) {
  Part part{"part"};
  Heartbeat heartbeat({part.Watched()});
  EXPECT_TRUE(heartbeat.Check(SteadyTime(seconds(0))));
  part.away = true;
  EXPECT_TRUE(heartbeat.Check(SteadyTime(seconds(1))));
  part.away = false;
  EXPECT_FALSE(heartbeat.Check(SteadyTime(seconds(2))));
}

TEST(Heartbeat, TakesAPartThatCannotBeAskedForDeadAndAsksItAgain) {
  Part part{"part"};
  part.reachable = false;
  Heartbeat heartbeat({part.Watched()});
  EXPECT_TRUE(heartbeat.Check(SteadyTime(seconds(0)))) << "nothing was asked before";
  EXPECT_FALSE(heartbeat.Check(SteadyTime(seconds(1))));
  part.reachable = true;
  EXPECT_FALSE(heartbeat.Check(SteadyTime(seconds(2))));
  part.Answer();
  EXPECT_TRUE(heartbeat.Check(SteadyTime(seconds(3))));
}

TEST(Heartbeat, LeavesAnAnswerThatComesAfterItsEndHarmless) {
  Part part{"part"};
  {
    Heartbeat heartbeat({part.Watched()});
    EXPECT_TRUE(heartbeat.Check(SteadyTime(seconds(0))));
  }
  part.Answer();
}

}  // namespace
}  // namespace claviger
