// Which SQLCipher was loaded.
#pragma once

#include <string>

#include "base/result.h"

namespace claviger::store {

struct LibraryVersion {
  std::string cipher;  // "3.4.1"
  std::string sqlite;  // "3.15.2"
  bool as_built;       // the SQLite that this program was built with
};
// Asks the library, with a database in memory. kUnsupported if it does not encrypt. Thread-safe.
Result<LibraryVersion> ReadLibraryVersion();

}  // namespace claviger::store
