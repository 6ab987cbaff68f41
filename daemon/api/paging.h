// What methods that answer in pages have in common: the size of a page, and where the one before ended.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "daemon/store/key_repository.h"

namespace claviger::api {

inline constexpr std::int64_t kDefaultPageSize = 100;

// nullopt if the number is not 1 to store::kMaxPageSize.
inline std::optional<int> PageSize(const std::optional<std::int64_t>& limit) {
  const std::int64_t size = limit.value_or(kDefaultPageSize);
  if (size < 1 || size > store::kMaxPageSize) return std::nullopt;
  return static_cast<int>(size);
}

// Whether a key can stand at this place in the order of insertion, and another behind it.
inline bool IsPlace(std::int64_t ref) { return ref >= 1 && ref < std::numeric_limits<std::int64_t>::max(); }

}  // namespace claviger::api
