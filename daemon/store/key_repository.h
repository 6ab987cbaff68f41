// Reads and writes the tables `key` and `key_generation`; no other file names them. Writes join the caller's
// transaction.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "daemon/keys/record.h"
#include "daemon/store/database.h"
#include "daemon/store/statement.h"

namespace claviger::store {

inline constexpr int kMaxPageSize = 500;

struct KeyFilter {
  std::optional<keys::KeyState> state;  // as shown at `now`
  std::string owner;                    // "" = any
  UnixSeconds now = 0;
};

// Thread-compatible; lives on the store thread; `database` must outlive it. It does not check record MACs:
// whoever uses a record does. Every generation that a key has had stays in the table; a record is read with
// those it was written with.
class KeyRepository {
 public:
  static Result<std::unique_ptr<KeyRepository>> Create(Database& database);

  // kConflict if the id exists. kInvalidArgument, here and in Update, for a record with no or more than
  // kMaxLiveGenerations generations, or with their numbers out of order.
  Status Insert(const keys::KeyRecord& record);
  // Replaces the record whose version is record.version - 1. kConflict if the stored version is another,
  // kNotFound if there is none.
  Status Update(const keys::KeyRecord& record);
  // nullopt = no such key: an answer, not an error. kCorrupt if the stored row is not a record.
  Result<std::optional<keys::KeyRecord>> Find(const keys::KeyId& id);
  // In order of age; at most `limit` (1 to kMaxPageSize) records that follow `after` (nullopt: from the
  // first). kInvalidArgument for another `limit`. There is no index on what is filtered: a filter that little
  // passes reads the whole table (about 0.5 s a million keys), so that issuing pays for nothing.
  Result<std::vector<keys::KeyRecord>> List(const KeyFilter& filter, const std::optional<keys::KeyId>& after,
                                            int limit);
  Result<std::int64_t> Count();

 private:
  KeyRepository(Database& database, std::vector<Statement> statements)
      : database_(database), statements_(std::move(statements)) {}
  Status WriteGenerations(std::int64_t ref, const keys::KeyRecord& record);
  Result<keys::KeyRecord> ReadRecord(const Statement& row);
  Status ReadGenerations(std::int64_t ref, std::int64_t newest, std::size_t count, keys::KeyRecord& record);

  Database& database_;
  std::vector<Statement> statements_;
};

}  // namespace claviger::store
