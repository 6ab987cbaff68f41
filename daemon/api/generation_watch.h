// What follows from which generation of a key was presented: graces that end with the first use of the next
// secret, and alarms about secrets that should be gone.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "daemon/api/usage_ledger.h"
#include "daemon/keys/key_string.h"

namespace claviger::api {

class Authority;

// Thread-safe; every call returns at once, what it starts is done on the store thread.
class GenerationWatch {
 public:
  // An alarm about the same generation is repeated after so many seconds at the earliest.
  static constexpr UnixSeconds kAlarmEvery = 3600;

  explicit GenerationWatch(Authority& authority) : authority_(authority) {}

  // The grace of the old generation of `id` is over, since the current one was used: makes that durable.
  void EndGrace(const keys::KeyId& id);
  // Whoever asked as `caller` was given the right secret of a generation that has ended.
  void EndedSecret(const keys::KeyId& id, std::uint32_t generation, const CallerPtr& caller);

 private:
  Authority& authority_;
};

}  // namespace claviger::api
