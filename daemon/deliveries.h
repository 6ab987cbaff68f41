// Which command is told of what next, and when: the notifier's book-keeping, free of I/O.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "daemon/keys/notice.h"
#include "daemon/store/notice_repository.h"

namespace claviger {

// Every command gets its notices in order, one at a time, and at its own pace: one that hangs or fails holds
// up no other, as long as no more than kWindow notices lie between them. Thread-compatible.
class Deliveries {
 public:
  static constexpr std::size_t kWindow = 256;
  // How long to wait after the first failures of a notice; after one more it is given up. A command that has
  // given up a notice gets one attempt for each that follows, until it succeeds.
  static constexpr std::array<std::chrono::seconds, 3> kDelays = {
      std::chrono::seconds{1}, std::chrono::seconds{5}, std::chrono::seconds{30}};

  // What one command is to be told now. `command` names it in Finished().
  struct Start {
    std::uint64_t command;
    const keys::NoticeCommand& program;
    const store::Notice& notice;
  };
  enum class Outcome { kDelivered, kRetry, kGivenUp };
  struct Verdict {
    Outcome outcome;
    std::chrono::seconds delay{0};  // of kRetry
    int attempts = 0;
  };

  // Commands that there were before keep their place. What runs for others may end; nobody waits for it.
  void SetCommands(const std::vector<keys::NoticeCommand>& commands);
  // `notices`: oldest first; those that were taken before are passed over.
  void Take(std::vector<store::Notice> notices);
  // Whether there is room for as many again as half the window.
  bool wants_more() const { return notices_.size() <= kWindow / 2; }

  // What to start at `now`, for one command; call it until it gives nothing. The references hold until the
  // next call of anything here.
  std::optional<Start> Next(SteadyTime now);
  Verdict Finished(std::uint64_t command, bool success, SteadyTime now);
  // The sequences of what every command is done with; forgets them.
  std::vector<std::int64_t> TakeDone();
  // When Next() may have something again, if that is only a matter of time.
  std::optional<SteadyTime> NextStart() const;

 private:
  struct Command {
    std::uint64_t id;
    keys::NoticeCommand program;
    std::int64_t done_until = 0;  // sequence
    bool running = false;
    int attempts = 0;         // of the notice that is next
    SteadyTime not_before{};  // of the next attempt
    bool gave_up = false;     // the last notice
  };

  // The first notice that the command has still to be told; nullptr: none.
  const store::Notice* NextOf(const Command& command) const;

  std::vector<Command> commands_;
  std::deque<store::Notice> notices_;
  std::int64_t last_taken_ = 0;
  std::uint64_t next_id_ = 1;
};

}  // namespace claviger
