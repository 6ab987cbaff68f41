#include "daemon/api/usage_ledger.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace claviger::api {
namespace {

std::size_t HashOf(const keys::KeyId& id, std::uint32_t generation, keys::VerdictCode code,
                   const CallerPtr& caller) {
  const std::size_t which = generation * 31 + static_cast<std::size_t>(code);
  const std::size_t hash =
      std::hash<keys::KeyId>()(id) ^ (std::hash<CallerPtr>()(caller) >> 4) ^ (which << 7);
  return hash ^ (hash >> 32);  // slots are told apart by the low bits
}

}  // namespace

CallerPtr Callers::Of(std::uint32_t uid, const std::string& unit) {
  const MutexLock lock(mutex_);
  std::weak_ptr<const store::Caller>& known = known_[store::Caller{uid, unit}];
  if (CallerPtr caller = known.lock()) return caller;
  CallerPtr caller = std::make_shared<store::Caller>(store::Caller{uid, unit});
  known = caller;
  if (known_.size() > prune_at_) {
    std::erase_if(known_, [](const auto& entry) { return entry.second.expired(); });
    prune_at_ = std::max<std::size_t>(1024, 2 * known_.size());
  }
  return caller;
}

UsageLedger::UsageLedger() : slots_(kSlots) {}

void UsageLedger::Note(const keys::KeyId& id, std::uint32_t generation, keys::VerdictCode code,
                       const CallerPtr& caller, UnixSeconds now) {
  const std::size_t start = HashOf(id, generation, code, caller);
  const MutexLock lock(mutex_);
  if (used_ > kSlots / 2) MakeRoom();
  const auto differs = [&](const Slot& slot) {
    return slot.caller != caller || slot.code != code || slot.generation != generation || slot.id != id;
  };
  std::size_t at = start % kSlots;
  while (slots_[at].caller && differs(slots_[at])) at = (at + 1) % kSlots;
  Slot& slot = slots_[at];
  if (!slot.caller) {
    slot = Slot{id, generation, code, caller, 0, 0};
    ++used_;
  }
  ++slot.count;
  slot.last = std::max(slot.last, now);
}

void UsageLedger::NoteAsked(const keys::KeyId& id, std::string_view scope, UnixSeconds now) {
  const MutexLock lock(mutex_);
  if (asked_.size() < kMaxHeld) asked_.push_back({id, {std::string(scope), now}});
}

void UsageLedger::AddTo(store::UsageIncrement& increment, const Slot& slot) {
  if (slot.code == keys::VerdictCode::kValid) {
    increment.uses.push_back({slot.generation, *slot.caller, 0, slot.last, slot.count});
    return;
  }
  increment.denials += slot.count;
  if (slot.last < increment.last_denied) return;
  increment.last_denied = slot.last;
  increment.last_denied_uid = slot.caller->uid;
  increment.last_denial = slot.code;
}

// Moves the slots to what is held. What does not fit there is dropped: the store has been closed for long.
void UsageLedger::MakeRoom() {
  for (Slot& slot : slots_) {
    if (!slot.caller) continue;
    if (held_.size() < kMaxHeld) held_.push_back(std::move(slot));
    slot = Slot();
  }
  used_ = 0;
}

void UsageLedger::TakeInto(std::map<keys::KeyId, store::UsageIncrement>& increments,
                           std::vector<Denial>& denials) {
  std::vector<Slot> held;
  std::vector<Asked> asked;
  {
    const MutexLock lock(mutex_);
    MakeRoom();
    held = std::exchange(held_, {});
    asked = std::exchange(asked_, {});
  }
  const auto of = [&](const keys::KeyId& id) -> store::UsageIncrement& {
    store::UsageIncrement& increment = increments[id];
    increment.id = id;
    return increment;
  };
  for (const Slot& slot : held) {
    AddTo(of(slot.id), slot);
    if (slot.code != keys::VerdictCode::kValid)
      denials.push_back({slot.id, slot.code, slot.caller, slot.count});
  }
  for (Asked& one : asked) of(one.id).asked.push_back(std::move(one.scope));
}

}  // namespace claviger::api
