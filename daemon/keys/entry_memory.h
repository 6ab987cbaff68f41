// Where the entries of the cache lie.
#pragma once

#include <memory_resource>

namespace claviger::keys {

// Close together: millions of them among all that comes and goes while they are made would keep half as much
// again of memory from being used. What is given back is kept for other entries. Never destroyed;
// thread-safe.
std::pmr::memory_resource& EntryMemory();

}  // namespace claviger::keys
