// The database's files as the system sees them: who may read them, who has them open, whether their names are
// durable.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace claviger::store {

// Holds `path`.lock (mode 0600, made if missing) for this process until the descriptor is closed. kConflict
// if another has it, also within this process; kUnavailable if the folder does not allow it. The lock file
// stays: removing it would let two processes lock two files of one name.
Result<UniqueFd> LockDatabase(const std::string& path);

// Makes `path` an empty file of mode 0600 if it does not exist, and gives an existing one that mode, whatever
// the umask. True if it was made. SQLite gives the write-ahead log the mode of the database. kConflict if it
// is no regular file. Only before SQLite opens it: closing a descriptor of it drops SQLite's locks.
Result<bool> PrepareDatabaseFile(const std::string& path);

// Makes the names of new files in the folder of `path` durable.
Status SyncFolderOf(const std::string& path);

}  // namespace claviger::store
