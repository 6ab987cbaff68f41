// io.claviger.Verify.Verify: the call that every service makes.
#pragma once

#include "daemon/api/call_context.h"

namespace claviger::api {

protocol::Disposition HandleVerify(CallContext& context);

}  // namespace claviger::api
