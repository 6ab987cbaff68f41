// The figures of io.claviger.Admin.GetStatistics: where they are counted, and how they are told.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/duration_histogram.h"
#include "base/mutex.h"
#include "daemon/api/busiest.h"
#include "daemon/api/loop_counters.h"

namespace claviger::api {

// How the daemon has answered verifications since its start.
struct VerificationFigures {
  VerdictSums verdicts{};
  std::uint64_t from_memory = 0;  // answered at once, by what the key cache knew
  std::uint64_t missed = 0;       // had to wait for store or token
  std::uint64_t waiting = 0;      // of those, now
  DurationHistogram at_once;
  DurationHistogram later;
};

// Thread-safe. What the loops and others are given to count with is valid as long as this lives.
class Statistics {
 public:
  explicit Statistics(SteadyTime now = SteadyNow()) : started_(now), busiest_(now) {}

  // For one loop.
  LoopCounters& AddLoop() EXCLUDES(mutex_);
  DeferredCounters& deferred() { return deferred_; }
  Busiest& busiest() { return busiest_; }
  const Busiest& busiest() const { return busiest_; }

  VerificationFigures Verifications() const EXCLUDES(mutex_);
  // The verdicts alone.
  VerdictSums Verdicts() const EXCLUDES(mutex_);
  SteadyTime started() const { return started_; }

 private:
  const SteadyTime started_;
  mutable Mutex mutex_;
  std::vector<std::unique_ptr<LoopCounters>> loops_ GUARDED_BY(mutex_);
  DeferredCounters deferred_;
  Busiest busiest_;
};

// {"valid": 12, "expired": 3, ...}: every code.
boost::json::object VerdictsJson(const VerdictSums& verdicts);
// The type Durations of the interface.
boost::json::object DurationsJson(const DurationHistogram& durations);
// Adds the members busiest_over, busiest_keys and busiest_callers. `name_of` gives a key's name, or "".
void AddBusiest(boost::json::object& reply, const BusyTime& busy,
                const std::function<std::string(const keys::KeyId&)>& name_of);

// Memory of this process that is in RAM, in bytes; 0 if the kernel does not tell.
std::uint64_t ResidentBytes();

}  // namespace claviger::api
