// The protocol's words about keys that more than one command needs.
#pragma once

#include <array>
#include <string_view>

namespace claviger::cli {

inline constexpr std::size_t kKeyIdLength = 17;  // of its text
inline constexpr std::array<std::string_view, 3> kActions = {"read", "write", "delete"};
// The states of a key that has not ended.
inline constexpr std::array<std::string_view, 3> kLiveStates = {"pending", "active", "paused"};

}  // namespace claviger::cli
