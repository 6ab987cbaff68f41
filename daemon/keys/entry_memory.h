// Where the entries of the cache lie.
#pragma once

#include <memory_resource>

namespace claviger::keys {

// Close together, and apart from the records and calls that come and go while they are made. What is given
// back is kept for other entries. Never destroyed; thread-safe.
std::pmr::memory_resource& EntryMemory();

}  // namespace claviger::keys
