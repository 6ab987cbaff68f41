// The folder of the key strings that a campaign hands out, one file for each key that is replaced.
#pragma once

#include <string>

#include "cli/failure.h"

namespace claviger::cli {

// Makes the folder (0700) if it is not there. A failure if it belongs to someone else or others can use it.
Outcome<void> PrepareFolder(const std::string& path);

// DIR/<old id>.key
std::string SuccessorPath(const std::string& folder, const std::string& old_id);

enum class SuccessorFile {
  kAbsent,  // also: it was empty, left behind by a run that was broken off, and is removed now
  kHolds,   // a key string of this successor
  kOther,   // something else, which is not touched
};
// `successor_id`: "" if there is no successor yet. A failure if that cannot be told.
Outcome<SuccessorFile> LookAtFile(const std::string& path, const std::string& successor_id);

}  // namespace claviger::cli
