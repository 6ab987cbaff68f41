// Memory for JSON that may hold secrets.
#pragma once

#include <boost/json/storage_ptr.hpp>

namespace claviger::client {

// Storage that wipes each block before it is given back. Everything that boost::json makes in it, and every
// value moved out of it, stays in such memory; a copy made without naming a storage does not. Thread-safe;
// lives as long as the process.
boost::json::storage_ptr WipingStorage();

}  // namespace claviger::client
