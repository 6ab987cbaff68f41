#include "daemon/api/busiest.h"

#include <algorithm>
#include <map>
#include <utility>

namespace claviger::api {
namespace {

constexpr auto kBusier = [](const auto& a, const auto& b) { return a.valid + a.denied > b.valid + b.denied; };

// Keeps the busiest of all that are added; the least busy of them is the first.
template <typename Entry>
class Selection {
 public:
  void Add(Entry entry) {
    if (entries_.size() == Busiest::kListed) {
      if (!kBusier(entry, entries_.front())) return;
      std::pop_heap(entries_.begin(), entries_.end(), kBusier);
      entries_.pop_back();
    }
    entries_.push_back(std::move(entry));
    std::push_heap(entries_.begin(), entries_.end(), kBusier);
  }
  std::vector<Entry> Take() && {
    std::sort_heap(entries_.begin(), entries_.end(), kBusier);
    return std::move(entries_);
  }

 private:
  std::vector<Entry> entries_;
};

}  // namespace

void Busiest::Take(const UsageByKey& increments, std::span<const Denial> denials, SteadyTime now) {
  Selection<BusyKey> keys;
  std::map<store::Caller, BusyCaller> callers;
  const auto of = [&](const store::Caller& caller) -> BusyCaller& {
    BusyCaller& entry = callers[caller];
    entry.caller = caller;
    return entry;
  };
  for (const auto& [id, increment] : increments) {
    BusyKey key{id, 0, increment.denials};
    for (const store::CallerUse& use : increment.uses) {
      key.valid += use.uses;
      of(use.caller).valid += use.uses;
    }
    if (key.valid + key.denied > 0) keys.Add(key);
  }
  for (const Denial& denial : denials) of(*denial.caller).denied += denial.count;
  Selection<BusyCaller> busiest_callers;
  for (auto& [name, caller] : callers) busiest_callers.Add(std::move(caller));

  BusyTime busy{SteadyTime::duration(0), std::move(keys).Take(), std::move(busiest_callers).Take()};
  const MutexLock lock(mutex_);
  busy.over = now - std::exchange(taken_, now);
  last_ = std::move(busy);
}

BusyTime Busiest::Of(SteadyTime now) const {
  const MutexLock lock(mutex_);
  return now - taken_ > kLongest ? BusyTime() : last_;
}

}  // namespace claviger::api
