// Reads and writes the tables `notice` (news that commands are still to be told, an outbox) and
// `announcement` (expiry warnings that were given).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "daemon/keys/key_string.h"
#include "daemon/store/statement.h"

namespace claviger::store {

struct Notice {
  std::int64_t sequence = 0;  // never used twice
  UnixSeconds at = 0;
  std::string event;  // "key.created", ...
  std::string body;   // the JSON object that commands get
};

// The outbox holds so many; when it is full the oldest goes.
inline constexpr std::int64_t kMaxNotices = 10000;
// Event and body of one.
inline constexpr std::size_t kMaxNoticeBytes = 64 * 1024;

// Thread-compatible; lives on the store thread; `database` must outlive it. What is added is there if, and
// only if, the transaction that it was added in is committed.
class NoticeRepository {
 public:
  static Result<std::unique_ptr<NoticeRepository>> Create(Database& database);

  // The notice's sequence. kLimitExceeded for more than kMaxNoticeBytes.
  Result<std::int64_t> Add(UnixSeconds at, std::string_view event, std::string_view body);
  // Oldest first.
  Result<std::vector<Notice>> Pending(int limit);
  // No effect if there is none.
  Status Remove(std::int64_t sequence);

  // True, once, for each key, expiry and step (seconds before it). kNotFound if there is no such key.
  Result<bool> MarkAnnounced(const keys::KeyId& id, UnixSeconds expires, std::int64_t step);

 private:
  NoticeRepository(Database& database, std::vector<Statement> statements)
      : database_(database), statements_(std::move(statements)) {}
  Status DropOldest();
  Result<std::int64_t> ReadInt(int sql);

  Database& database_;
  std::vector<Statement> statements_;
};

}  // namespace claviger::store
