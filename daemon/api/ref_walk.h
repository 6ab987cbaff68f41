// The way over all keys by parts of their table, so that no step of it holds up the store thread for long.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "daemon/store/key_repository.h"

namespace claviger::api {

// Value type; knows only numbers. The parts cover `range` once, from its first or, reversed, its last place.
class RefWalk {
 public:
  RefWalk() = default;  // nothing to go over
  RefWalk(const store::RefRange& range, std::int64_t step, bool reversed = false)
      : rest_(range), step_(step), reversed_(reversed) {}

  bool done() const { return rest_.first > rest_.last; }
  // The next part, of at most `step` places. Not when done().
  store::RefRange Next() {
    store::RefRange part = rest_;
    if (reversed_) {
      part.first = std::max(rest_.first, rest_.last - step_ + 1);
      rest_.last = part.first - 1;
    } else {
      part.last = std::min(rest_.last, rest_.first + step_ - 1);
      rest_.first = part.last + 1;
    }
    return part;
  }

 private:
  store::RefRange rest_;
  std::int64_t step_ = 1;
  bool reversed_ = false;
};

}  // namespace claviger::api
