// When a new key is to end: what is offered, and what is typed.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "cli/failure.h"

namespace claviger::cli::wizard {

struct ExpiryPreset {
  std::int64_t lifetime = 0;  // seconds
  bool usual = false;         // the policy's default
  bool longest = false;       // the most that may be asked for
};
// In ascending order; none is longer than `maximum`, which is one of them.
std::vector<ExpiryPreset> ExpiryPresets(std::int64_t usual, std::int64_t maximum);

// "7 days", "12h".
std::string LifetimeText(std::int64_t seconds);
// "2026-12-24 14:05 UTC", with the day of the week before it.
std::string DateText(UnixSeconds time);

// An end as it is typed: a length of time, a date or RFC 3339.
struct TypedExpiry {
  UnixSeconds ends = 0;
  std::int64_t lifetime = 0;  // seconds, if a length of time was typed; else 0
};
// A failure for what is no time, lies in the past or beyond `maximum`.
Outcome<TypedExpiry> ReadExpiry(std::string_view text, std::int64_t maximum, UnixSeconds now);

}  // namespace claviger::cli::wizard
