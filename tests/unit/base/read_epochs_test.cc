#include "base/read_epochs.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <vector>

namespace claviger {
namespace {

TEST(ReadEpochs, PassAtOnceWhenNobodyReads) {
  ReadEpochs epochs;
  const ReadEpochs::Reader reader(epochs);
  EXPECT_TRUE(epochs.HasPassed(epochs.Close()));
}

TEST(ReadEpochs, WaitForWhoEnteredBeforeAndForNobodyElse) {
  ReadEpochs epochs;
  const ReadEpochs::Reader early(epochs), late(epochs);
  std::optional<ReadEpochs::Section> before(std::in_place, early);
  const std::uint64_t epoch = epochs.Close();
  const ReadEpochs::Section after(late);
  EXPECT_FALSE(epochs.HasPassed(epoch));
  before.reset();
  EXPECT_TRUE(epochs.HasPassed(epoch));
  EXPECT_FALSE(epochs.HasPassed(epochs.Close())) << "the late one is inside";
}

TEST(ReadEpochs, GiveThePlaceOfAReaderThatIsGoneToTheNext) {
  ReadEpochs epochs;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::unique_ptr<ReadEpochs::Reader>> readers;
    for (std::size_t i = 0; i < ReadEpochs::kMaxReaders; ++i)
      readers.push_back(std::make_unique<ReadEpochs::Reader>(epochs));
    const ReadEpochs::Section section(*readers.back());
    EXPECT_FALSE(epochs.HasPassed(epochs.Close()));
  }
  EXPECT_TRUE(epochs.HasPassed(epochs.Close()));
}

}  // namespace
}  // namespace claviger
