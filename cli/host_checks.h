// What `doctor` finds out of an installation from its files, its units and its groups, with the daemon or
// without.
#pragma once

#include <boost/json/array.hpp>

#include "cli/host.h"

namespace claviger::cli {

// Rows of the type Check of io.claviger.Admin. What this user may not see is said.
boost::json::array HostChecks(const Host& host);
// Free space where the state is; the daemon says it too, while it answers.
boost::json::object DiskCheck(const Host& host);

}  // namespace claviger::cli
