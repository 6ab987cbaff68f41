#include "base/read_epochs.h"

#include <algorithm>
#include <cstdlib>

namespace claviger {

std::size_t ReadEpochs::Claim() {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (!places_[i].claimed.exchange(true)) return i;
  }
  std::abort();
}

bool ReadEpochs::HasPassed(std::uint64_t epoch) const {
  return std::all_of(places_.begin(), places_.end(),
                     [=](const Place& place) { return place.inside.load() > epoch; });
}

}  // namespace claviger
