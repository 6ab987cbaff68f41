#include "daemon/api/key_walk.h"

#include <memory>
#include <optional>
#include <utility>

#include "daemon/api/ref_walk.h"

namespace claviger::api {

std::function<Result<bool>(store::Tables&)> StepsOverLiveKeys(
    UnixSeconds now, std::function<void(const store::KeySummary&)> visit) {
  store::KeyFilter filter;
  filter.now = now;
  filter.states = {keys::KeyState::kPending, keys::KeyState::kActive, keys::KeyState::kPaused};
  auto walk = std::make_shared<std::optional<RefWalk>>();
  return [filter = std::move(filter), visit = std::move(visit), walk](store::Tables& tables) -> Result<bool> {
    if (!*walk) {
      const auto last = tables.keys.LastRef();
      if (!last) return last.error();
      *walk = RefWalk({1, *last}, store::KeyRepository::kWalkStep);
    }
    if ((*walk)->done()) return true;
    const auto keys = tables.keys.Summaries(filter, (*walk)->Next());
    if (!keys) return keys.error();
    for (const store::KeySummary& key : *keys) visit(key);
    return (*walk)->done();
  };
}

}  // namespace claviger::api
