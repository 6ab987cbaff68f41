// What a backup says of itself before its database: text that anyone can read, covered by the backup's MAC.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/token_purpose.h"
#include "daemon/store/database.h"

namespace claviger::store {

inline constexpr std::size_t kMaxBackupHeaderBytes = 4096;
inline constexpr std::size_t kMaxBackupSerials = 16;
inline constexpr std::size_t kBackupNonceBytes = 32;

// What is in a database, for people and to compare copies by.
struct DatabaseSummary {
  std::int64_t schema = 0;
  std::int64_t keys = 0;
  std::int64_t audit_records = 0;
  Mac audit_head{};  // of the newest record; zero if there is none

  friend bool operator==(const DatabaseSummary&, const DatabaseSummary&) = default;
};
Result<DatabaseSummary> Summarise(Database& database);
// Of a database of the newest schema: the MAC of the audit record `sequence`; all zero if there is none.
Result<Mac> AuditMacAt(Database& database, std::int64_t sequence);

struct BackupHeader {
  UnixSeconds made_at = 0;
  std::string installation;                                     // its id
  std::vector<std::string> serials;                             // of the tokens that hold its keys
  std::array<std::string, kTokenPurposes.size()> check_values;  // of these keys, in hexadecimal digits
  DatabaseSummary content;
  std::array<std::uint8_t, kBackupNonceBytes> nonce{};
  std::int64_t database_bytes = 0;

  friend bool operator==(const BackupHeader&, const BackupHeader&) = default;
};

// Ends with an empty line. kLimitExceeded beyond kMaxBackupHeaderBytes.
Result<std::string> RenderBackupHeader(const BackupHeader& header);
// Reads `text` as far as the empty line and no other form than RenderBackupHeader's. kUnsupported for another
// format, kCorrupt for what is no backup.
Result<BackupHeader> ParseBackupHeader(std::string_view text);

}  // namespace claviger::store
