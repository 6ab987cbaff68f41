// What `doctor` can find out without the daemon.
#pragma once

#include <boost/json/array.hpp>

#include "cli/daemon.h"

namespace claviger::cli {

// Rows of the type Check of io.claviger.Admin: are the sockets there, and may this user use them.
boost::json::array LocalChecks(const Daemon& daemon);

}  // namespace claviger::cli
