// Counts that one thread or several write while others read them. They only grow, and order nothing: two
// counts that are read one after the other need not belong to the same moment.
#pragma once

#include <atomic>
#include <cstdint>

namespace claviger {

// Written by one thread at a time, read by any: counting takes no locked instruction.
class OwnCounter {
 public:
  void Add(std::uint64_t n) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t Get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Written and read by any thread.
class SharedCounter {
 public:
  void Add(std::uint64_t n) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t Get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace claviger
