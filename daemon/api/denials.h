// Tells of verifications that were refused, summed up: nobody can fill the journal by asking.
#pragma once

#include <cstddef>
#include <vector>

#include "daemon/api/usage_ledger.h"

namespace claviger::api {

class Authority;

// So many are told one by one at a time; the rest in one event.
inline constexpr std::size_t kMostDenialsTold = 100;

// One event for each key, verdict and caller.
void TellDenials(Authority& authority, std::vector<Denial> denials);
// One event for each uid whose verifications were answered `rate_limited` since the last call.
void TellRateLimited(Authority& authority);

}  // namespace claviger::api
