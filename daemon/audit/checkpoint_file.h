// The file of checkpoints: one a line, oldest first.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/audit/checkpoint.h"

namespace claviger::audit {

// The newest so many are kept: of daily ones, those of almost three years.
inline constexpr std::size_t kMaxKeptCheckpoints = 1000;

// Empty if there is no file. kCorrupt, naming the line, for what is no checkpoint or does not follow the one
// before it; kLimitExceeded, kUnavailable as ReadFile.
Result<std::vector<Checkpoint>> LoadCheckpoints(const std::string& path);

// Adds `checkpoint` behind those of the file, durably and whole or not at all. Errors as LoadCheckpoints;
// kConflict if the newest of the file is of a later record.
Status AppendCheckpoint(const std::string& path, const Checkpoint& checkpoint);

}  // namespace claviger::audit
