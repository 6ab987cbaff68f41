// Everything that `doctor` examines.
#pragma once

#include <boost/json/array.hpp>

#include "cli/daemon.h"
#include "cli/host.h"

namespace claviger::cli {

// Rows of the type Check of io.claviger.Admin: the sockets, this host if the daemon is the installed one, and
// the daemon's own checks.
boost::json::array Examine(const Host& host, Daemon& daemon);

}  // namespace claviger::cli
