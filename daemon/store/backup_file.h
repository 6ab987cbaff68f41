// A backup as a file: head, the encrypted database, and one line with the MAC over all that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "base/crypto.h"
#include "base/result.h"
#include "base/token_purpose.h"
#include "daemon/store/backup_header.h"

namespace claviger::store {

inline constexpr std::int64_t kMaxBackupDatabaseBytes = std::int64_t{64} * 1024 * 1024 * 1024;

// Makes the MAC over the digest of everything before it; blocks on the token.
using BackupMacSource = std::function<Result<Mac>(const Sha256Digest& digest)>;

struct BackupContent {
  BackupHeader header;
  Sha256Digest digest{};  // of everything before the MAC's line
  Mac mac{};              // as it stands there: whether it is right, the token knows
  std::int64_t file_bytes = 0;
};

// Writes `path` (mode 0600, must not exist) from `header`, whose database_bytes it fills in, and the file
// `database`; synced when it returns. kUnavailable: disk, and then nothing is left of `path`.
Status WriteBackupFile(const std::string& path, BackupHeader header, const std::string& database,
                       const BackupMacSource& make_mac);
// Only the head, and whether the file is as long as it says. kNotFound, kCorrupt, kUnsupported, kUnavailable.
Result<BackupContent> ReadBackupHead(const std::string& path);
// All of it; the database is written to `database_to` (mode 0600, must not exist) unless that is "". Believe
// nothing of it before the MAC is right.
Result<BackupContent> ReadBackupFile(const std::string& path, const std::string& database_to);
// kCorrupt if a file begins as a database without encryption does.
Status CheckNotPlain(const std::string& path);

}  // namespace claviger::store
