// Parameters that several changes of keys have in common.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "protocol/call.h"

namespace claviger::api {

inline std::string TextOrNone(const std::optional<std::string_view>& text) {
  return std::string(text.value_or(std::string_view()));
}
std::vector<std::string> TextsOf(simdjson::dom::array list);

// Errors of all functions below: kInvalidArgument, the parameter's name first.

// When a key shall end, from the parameters expires_at and lifetime, of which at most one may be there.
Result<std::optional<UnixSeconds>> ReadExpiry(const std::optional<std::string_view>& expires_at,
                                              const std::optional<std::int64_t>& lifetime, UnixSeconds from);
Status CheckRequestId(std::string_view request_id);

}  // namespace claviger::api
