// The daemon's sockets: systemd's, or its own where systemd hands over none.
#pragma once

#include <vector>

#include "base/result.h"
#include "daemon/config.h"
#include "daemon/server/server.h"

namespace claviger {

// Sockets handed over by activation are all that is used then; otherwise io.claviger.Verify,
// io.claviger.Admin and credential.sock are bound in config.socket_directory.
Result<std::vector<server::Listening>> TakeSockets(const Config& config);

}  // namespace claviger
