#include "daemon/audit/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "daemon/audit/checkpoint_file.h"
#include "tests/unit/store/sample.h"

namespace claviger::audit {
namespace {

Checkpoint SampleCheckpoint(std::int64_t sequence) {
  Checkpoint checkpoint{sequence, 3, 17, 1700000000 + sequence, {}, std::string(32, 'a'), {}};
  checkpoint.head.fill(static_cast<std::uint8_t>(sequence));
  checkpoint.mac.fill(0xc5);
  return checkpoint;
}

TEST(CheckpointTest, ALineIsReadBackAsItWasWritten) {
  const Checkpoint checkpoint = SampleCheckpoint(42);
  const std::string line = CheckpointLine(checkpoint);
  EXPECT_THAT(line, testing::StartsWith("claviger-checkpoint/1 42 3 17 2023-11-14T22:14:02Z aaaa"));
  EXPECT_EQ(ParseCheckpoint(line).value(), checkpoint);
}

TEST(CheckpointTest, WhatIsNoLineIsRefused) {
  const std::string line = CheckpointLine(SampleCheckpoint(42));
  for (const std::string& wrong :
       {std::string(), std::string("claviger-checkpoint/1"), line + " ", line + " x", " " + line, line + "\n",
        "claviger-checkpoint/2" + line.substr(21), line.substr(0, line.size() - 1)}) {
    const auto parsed = ParseCheckpoint(wrong);
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_EQ(parsed.error().code(), ErrorCode::kInvalidArgument);
  }
}

TEST(CheckpointTest, NoCharacterOfALineCanBeChangedUnseen) {
  const Checkpoint checkpoint = SampleCheckpoint(42);
  const std::string line = CheckpointLine(checkpoint);
  for (std::size_t i = 0; i < line.size(); ++i) {
    for (const char other : {'0', '1', 'f', 'F', ' ', '-', '+'}) {
      std::string changed = line;
      changed[i] = other;
      if (changed == line) continue;
      const auto parsed = ParseCheckpoint(changed);
      if (!parsed) continue;
      // Then it says something else, which its MAC does not cover.
      const bool same_input = CheckpointInput(*parsed) == CheckpointInput(checkpoint);
      EXPECT_FALSE(same_input && parsed->mac == checkpoint.mac) << changed;
    }
  }
}

TEST(CheckpointTest, TheInputForTheTokenFitsOneCall) {
  EXPECT_LE(CheckpointInput(SampleCheckpoint(9)).size(), kMaxMacInput);
}

class CheckpointFileTest : public testing::Test {
 protected:
  const store::TempFolder folder_;
  const std::string path_ = folder_.File("checkpoints");
};

TEST_F(CheckpointFileTest, NoFileHoldsNoCheckpoints) { EXPECT_TRUE(LoadCheckpoints(path_).value().empty()); }

TEST_F(CheckpointFileTest, KeepsTheNewestAndForgetsTheOldest) {
  const auto most = static_cast<std::int64_t>(kMaxKeptCheckpoints);
  std::string text;
  for (std::int64_t i = 1; i <= most; ++i) text += CheckpointLine(SampleCheckpoint(i)) + "\n";
  ASSERT_TRUE(ReplaceFile(path_, text, 0600));
  ASSERT_TRUE(AppendCheckpoint(path_, SampleCheckpoint(most + 1)));
  const auto kept = LoadCheckpoints(path_).value();
  ASSERT_EQ(kept.size(), kMaxKeptCheckpoints);
  EXPECT_EQ(kept.front().sequence, 2);
  EXPECT_EQ(kept.back().sequence, most + 1);
}

TEST_F(CheckpointFileTest, RefusesToAddBehindALaterOne) {
  ASSERT_TRUE(AppendCheckpoint(path_, SampleCheckpoint(7)));
  EXPECT_EQ(AppendCheckpoint(path_, SampleCheckpoint(6)).error().code(), ErrorCode::kConflict);
  EXPECT_EQ(LoadCheckpoints(path_).value().size(), 1U);
  EXPECT_TRUE(AppendCheckpoint(path_, SampleCheckpoint(7)));
}

TEST_F(CheckpointFileTest, NamesTheLineThatIsNoCheckpoint) {
  const std::string good = CheckpointLine(SampleCheckpoint(1)) + "\n";
  for (const std::string& second : {std::string("rubbish\n"), std::string("\n"), good.substr(0, 40),
                                    CheckpointLine(SampleCheckpoint(0)) + "\n"}) {
    ASSERT_TRUE(ReplaceFile(path_, good + second, 0600));
    const auto loaded = LoadCheckpoints(path_);
    ASSERT_FALSE(loaded) << second;
    EXPECT_EQ(loaded.error().code(), ErrorCode::kCorrupt);
    EXPECT_THAT(loaded.error().message(), testing::HasSubstr("checkpoints:2:"));
    EXPECT_FALSE(AppendCheckpoint(path_, SampleCheckpoint(9)));
  }
}

TEST_F(CheckpointFileTest, RefusesAFileThatIsTooLarge) {
  ASSERT_TRUE(ReplaceFile(path_, std::string(kMaxKeptCheckpoints * 400, 'x'), 0600));
  EXPECT_EQ(LoadCheckpoints(path_).error().code(), ErrorCode::kLimitExceeded);
}

}  // namespace
}  // namespace claviger::audit
