// io.claviger.Verify.Verify: the call that every service makes.
#pragma once

#include <string_view>

#include "daemon/api/call_context.h"

namespace claviger::api {

protocol::Disposition HandleVerify(CallContext& context);

// Whether `text` is an IPv4 or IPv6 address as inet_pton takes it.
bool IsAddress(std::string_view text);

}  // namespace claviger::api
