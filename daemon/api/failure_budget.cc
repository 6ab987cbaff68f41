#include "daemon/api/failure_budget.h"

#include <algorithm>
#include <chrono>

namespace claviger::api {
namespace {

SteadyTime::rep CostOfOne(const FailureLimits& limits) {
  return SteadyTime::duration(std::chrono::minutes(1)).count() /
         std::max<std::uint32_t>(limits.per_minute, 1);
}

}  // namespace

bool FailureBudget::Exhausted(SteadyTime now, const FailureLimits& limits) const {
  const auto debt = full_at_.load(std::memory_order_relaxed) - now.time_since_epoch().count();
  return debt + CostOfOne(limits) > CostOfOne(limits) * limits.burst;
}

void FailureBudget::Spend(SteadyTime now, const FailureLimits& limits) {
  const auto present = now.time_since_epoch().count();
  const auto emptied = present + CostOfOne(limits) * limits.burst;  // no debt beyond an empty bucket
  auto full_at = full_at_.load(std::memory_order_relaxed);
  while (!full_at_.compare_exchange_weak(full_at,
                                         std::min(std::max(full_at, present) + CostOfOne(limits), emptied),
                                         std::memory_order_relaxed)) {
  }
}

bool FailureBudget::Full(SteadyTime now) const {
  return full_at_.load(std::memory_order_relaxed) <= now.time_since_epoch().count();
}

std::shared_ptr<FailureBudget> FailureBudgets::Of(uid_t uid) {
  const MutexLock lock(mutex_);
  if (budgets_.size() > kSweepAbove) {
    const SteadyTime now = SteadyNow();
    std::erase_if(budgets_,
                  [&](const auto& item) { return item.second.use_count() == 1 && item.second->Full(now); });
  }
  auto& budget = budgets_[uid];
  if (!budget) budget = std::make_shared<FailureBudget>();
  return budget;
}

std::vector<std::pair<uid_t, std::uint64_t>> FailureBudgets::TakeRefusals() {
  std::vector<std::pair<uid_t, std::uint64_t>> refused;
  const MutexLock lock(mutex_);
  for (auto& [uid, budget] : budgets_) {
    if (const std::uint64_t count = budget->TakeRefusals(); count > 0) refused.emplace_back(uid, count);
  }
  return refused;
}

}  // namespace claviger::api
