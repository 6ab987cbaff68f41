// The parameters by which ListKeys and CountKeys choose keys: what they are called, and what each means.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "daemon/store/key_repository.h"
#include "protocol/call.h"

namespace claviger::api {

inline constexpr std::size_t kKeyFilterParameters = 16;

// As protocol/io.claviger.Admin.varlink has them.
const std::array<protocol::Parameter, kKeyFilterParameters>& KeyFilterParameters();

// `filter` as the values say; they and `present` belong to KeyFilterParameters(), by position, and have their
// types. Returns the name of the first parameter that cannot be meant: an empty text, which might be a
// variable that was never set, an unknown word, a day without a time, a time after the one that must not come
// before it; "" if all is well.
std::string_view ReadKeyFilter(std::span<const simdjson::dom::element, kKeyFilterParameters> values,
                               std::span<const bool, kKeyFilterParameters> present, UnixSeconds now,
                               store::KeyFilter& filter);

}  // namespace claviger::api
