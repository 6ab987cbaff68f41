#include "daemon/heartbeat.h"

#include <atomic>
#include <utility>

namespace claviger {

struct Heartbeat::Watch {
  explicit Watch(VitalPart watched) : part(std::move(watched)) {}

  bool Ask() {
    return part.ask([answered = answered] { answered->store(true, std::memory_order_release); });
  }

  const VitalPart part;
  // Shared with the answer. At first no question is open.
  std::shared_ptr<std::atomic<bool>> answered = std::make_shared<std::atomic<bool>>(true);
  bool asked = true;    // false: the question is still to be put
  SteadyTime due = {};  // of the answer
};

Heartbeat::Heartbeat(std::vector<VitalPart> parts) {
  for (VitalPart& part : parts) watches_.push_back(std::make_unique<Watch>(std::move(part)));
}

Heartbeat::~Heartbeat() = default;

bool Heartbeat::Check(SteadyTime now) {
  missing_.clear();
  for (const auto& watch : watches_) {
    if (!CheckPart(*watch, now)) missing_.push_back(watch->part.name);
  }
  return missing_.empty();
}

bool Heartbeat::CheckPart(Watch& watch, SteadyTime now) {
  if (watch.asked && watch.answered->load(std::memory_order_acquire)) {
    watch.answered->store(false, std::memory_order_relaxed);
    watch.due = now + watch.part.patience;
    watch.asked = watch.Ask();
    return true;
  }
  if (!watch.asked) watch.asked = watch.Ask();
  return now < watch.due || (watch.part.excused && watch.part.excused());
}

}  // namespace claviger
