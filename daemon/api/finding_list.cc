#include "daemon/api/finding_list.h"

#include <algorithm>

namespace claviger::api {
namespace {

bool MoreUrgent(const FoundKey& a, const FoundKey& b) {
  return a.urgency != b.urgency ? a.urgency > b.urgency : a.ref < b.ref;
}

}  // namespace

void FindingList::Offer(std::int64_t ref, std::int64_t urgency, const std::function<std::string()>& detail) {
  ++count_;
  FoundKey key{ref, urgency, {}};
  if (kept_.size() == limit_) {
    if (kept_.empty() || !MoreUrgent(key, kept_.front())) return;
    std::pop_heap(kept_.begin(), kept_.end(), MoreUrgent);
    kept_.pop_back();
  }
  key.detail = detail();
  kept_.push_back(std::move(key));
  std::push_heap(kept_.begin(), kept_.end(), MoreUrgent);
}

std::vector<FoundKey> FindingList::Keys() const {
  std::vector<FoundKey> keys = kept_;
  std::sort(keys.begin(), keys.end(), MoreUrgent);
  return keys;
}

}  // namespace claviger::api
