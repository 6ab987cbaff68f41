// The one place where SQLite's result codes become errors of ours.
#pragma once

#include <string_view>

#include "base/error.h"

namespace claviger::store {

// The error for the extended result code `code` (sqlite.org/rescode.html). `what` says what was tried;
// `detail` is SQLite's own text, used where the code alone says too little; `system_errno` is 0 if none is
// known.
Error SqliteError(int code, std::string_view what, std::string_view detail, int system_errno);

// True if `code` means that the storage itself failed or contradicts itself: what was not committed may or
// may not be on the disk, and the connection must not be asked again.
bool IsStorageFailure(int code);

}  // namespace claviger::store
