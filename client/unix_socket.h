// Connecting to a Unix socket by a path of any length.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace claviger::client {

// A connected, close-on-exec stream socket. A path of more than 107 bytes, which sockaddr_un cannot hold, is
// reached through /proc/self/fd. kUnavailable: nothing listens there; kDenied: the socket's permissions do
// not allow it; kBusy: the listener's queue stayed full until `deadline`; kInvalidArgument: the path cannot
// name a socket.
Result<UniqueFd> ConnectUnix(const std::string& path, SteadyTime deadline);

}  // namespace claviger::client
