#include "daemon/deliveries.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace claviger {

void Deliveries::SetCommands(const std::vector<keys::NoticeCommand>& commands) {
  std::vector<Command> before = std::exchange(commands_, {});
  for (const keys::NoticeCommand& program : commands) {
    const auto same = std::find_if(before.begin(), before.end(),
                                   [&](const Command& old) { return old.program == program; });
    if (same == before.end()) {
      commands_.push_back({next_id_++, program, 0, false, 0, {}, false});
    } else {
      commands_.push_back(std::move(*same));
      before.erase(same);
    }
  }
}

void Deliveries::Take(std::vector<store::Notice> notices) {
  for (store::Notice& notice : notices) {
    if (notice.sequence <= last_taken_ || notices_.size() == kWindow) continue;
    last_taken_ = notice.sequence;
    notices_.push_back(std::move(notice));
  }
}

const store::Notice* Deliveries::NextOf(const Command& command) const {
  for (const store::Notice& notice : notices_) {
    if (notice.sequence <= command.done_until) continue;
    const auto event = keys::ParseEvent(notice.event);
    if (event && command.program.Wants(*event)) return &notice;
  }
  return nullptr;
}

std::optional<Deliveries::Start> Deliveries::Next(SteadyTime now) {
  for (Command& command : commands_) {
    if (command.running || command.not_before > now) continue;
    const store::Notice* notice = NextOf(command);
    if (notice == nullptr) continue;
    command.running = true;
    return Start{command.id, command.program, *notice};
  }
  return std::nullopt;
}

Deliveries::Verdict Deliveries::Finished(std::uint64_t id, bool success, SteadyTime now) {
  const auto found =
      std::find_if(commands_.begin(), commands_.end(), [&](const Command& c) { return c.id == id; });
  if (found == commands_.end()) return {success ? Outcome::kDelivered : Outcome::kGivenUp, {}, 1};
  Command& command = *found;
  command.running = false;
  const int attempts = ++command.attempts;
  const auto failures = static_cast<std::size_t>(attempts);
  if (!success && !command.gave_up && failures <= kDelays.size()) {
    const std::chrono::seconds delay = kDelays[failures - 1];
    command.not_before = now + delay;
    return {Outcome::kRetry, delay, attempts};
  }
  command.attempts = 0;
  command.not_before = {};
  command.gave_up = !success;
  if (const store::Notice* notice = NextOf(command)) command.done_until = notice->sequence;
  return {success ? Outcome::kDelivered : Outcome::kGivenUp, {}, attempts};
}

std::vector<std::int64_t> Deliveries::TakeDone() {
  std::int64_t before = std::numeric_limits<std::int64_t>::max();
  for (const Command& command : commands_) {
    if (const store::Notice* notice = NextOf(command)) before = std::min(before, notice->sequence);
  }
  std::vector<std::int64_t> done;
  while (!notices_.empty() && notices_.front().sequence < before) {
    done.push_back(notices_.front().sequence);
    notices_.pop_front();
  }
  return done;
}

std::optional<SteadyTime> Deliveries::NextStart() const {
  std::optional<SteadyTime> next;
  for (const Command& command : commands_) {
    if (command.running || NextOf(command) == nullptr) continue;
    next = next ? std::min(*next, command.not_before) : command.not_before;
  }
  return next;
}

}  // namespace claviger
