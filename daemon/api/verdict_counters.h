// Verifications by verdict, counted per loop and merged when someone asks.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "daemon/keys/verdict.h"

namespace claviger::api {

inline constexpr std::size_t kVerdictCodes = static_cast<std::size_t>(keys::VerdictCode::kUnavailable) + 1;

// Any thread may count and read; one cache line pair of its own, so that loops do not disturb each other.
class alignas(128) VerdictCounters {
 public:
  void Count(keys::VerdictCode code) {
    counts_[static_cast<std::size_t>(code)].fetch_add(1, std::memory_order_relaxed);
  }
  std::uint64_t Of(keys::VerdictCode code) const {
    return counts_[static_cast<std::size_t>(code)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint64_t>, kVerdictCodes> counts_{};
};

}  // namespace claviger::api
