#include "daemon/store/library.h"

#include <sqlcipher/sqlite3.h>

#include <memory>
#include <string_view>

#include "daemon/store/sqlite_error.h"

namespace claviger::store {

Result<LibraryVersion> ReadLibraryVersion() {
  sqlite3* handle = nullptr;
  const int opened =
      sqlite3_open_v2(":memory:", &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, nullptr);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> owned(handle, sqlite3_close);
  if (opened != SQLITE_OK) return SqliteError(opened, "asking SQLCipher for its version", "", 0);
  LibraryVersion version;
  version.sqlite = sqlite3_libversion();
  version.as_built = version.sqlite == SQLITE_VERSION;
  const auto keep = [](void* into, int, char** values, char**) {
    if (values[0] != nullptr) *static_cast<std::string*>(into) = values[0];
    return 0;
  };
  const int asked = sqlite3_exec(handle, "PRAGMA cipher_version", keep, &version.cipher, nullptr);
  if (asked != SQLITE_OK) return SqliteError(asked, "asking SQLCipher for its version", "", 0);
  if (!version.cipher.empty()) return version;
  return Error(ErrorCode::kUnsupported,
               "the SQLite library that was loaded does not encrypt: link libsqlcipher");
}

}  // namespace claviger::store
