// Reads and writes the tables `key` and `key_generation`; no other file names them. Writes join the caller's
// transaction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "daemon/keys/record.h"
#include "daemon/store/database.h"
#include "daemon/store/statement.h"
#include "daemon/store/statement_cache.h"
#include "daemon/store/usage_repository.h"

namespace claviger::store {

inline constexpr int kMaxPageSize = 500;
inline constexpr std::size_t kMaxSearchBytes = 128;  // names are no longer

enum class KeyKind { kScoped, kUnscoped };

// from <= time < until; absent: open.
struct TimeRange {
  std::optional<UnixSeconds> from;
  std::optional<UnixSeconds> until;
};

// Which keys. All that is given must hold; what is not given lets every key through.
struct KeyFilter {
  UnixSeconds now = 0;                 // for `states`
  std::vector<keys::KeyState> states;  // one of these
  std::string search;                  // in name, owner or creator, in any case of ASCII letters
  std::string owner, creator, team;    // exactly
  std::optional<KeyKind> kind;
  TimeRange created, expires;
  TimeRange last_used;                      // a key that was never used is in no range
  std::optional<UnixSeconds> unused_since;  // last used before it, or never used and created before it
  std::optional<bool> used;                 // ever with the right secret and a valid verdict
  std::string gives_scope;                  // scoped keys that give this scope, by name or pattern
  std::string holds_action;  // "read", "write" or "delete": scoped keys with a grant of this action
};

enum class KeySort { kCreated, kName, kOwner, kCreator, kExpires, kLastUsed };

// Where a page of a list ended. `value` is what it is sorted by (kCreated: unused).
struct KeyCursor {
  std::int64_t ref = 0;
  std::variant<std::int64_t, std::string> value = std::int64_t{0};

  std::string ToString() const;  // of [0-9a-z.-]
  // nullopt for what ToString does not make, and for more than 600 bytes.
  static std::optional<KeyCursor> Parse(std::string_view text);
};

struct KeyQuery {
  KeyFilter filter;
  KeySort sort = KeySort::kCreated;  // ties, and kCreated, by the order in which keys were inserted
  bool descending = false;           // never used: earlier than every use
  std::optional<KeyCursor> after;
  int limit = kMaxPageSize;  // 1 to kMaxPageSize + 1: one more than a page tells whether there is a next
};

// Whether Search gives `a` before `b` for `query`: for merging what several calls have given.
bool ComesBefore(const KeyQuery& query, const KeyCursor& a, const KeyCursor& b);

// A part of the table, by the order of insertion; both included.
struct RefRange {
  std::int64_t first = 1;
  std::int64_t last = 0;
};

struct ListedKey {
  keys::KeyRecord record;
  std::optional<Usage> usage;  // absent: never presented
};

// What a walk over all keys sees of each: without texts that only one key's page shows.
struct KeySummary {
  std::int64_t ref = 0;
  keys::KeyId id;
  std::string name, owner, team, creator;
  bool described = false;  // has a description
  UnixSeconds created = 0, not_before = 0, expires = 0;
  std::string scopes;  // separated by one space; "" if unscoped
  bool unscoped = false;
  keys::KeyState state = keys::KeyState::kActive;
  UnixSeconds generation_created = 0;  // of the current one
  Usage usage;                         // zeros: never presented
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

  // Lists are made in steps, so that no call holds up the store thread: each looks at one part of the table,
  // and the caller merges the parts. Search and CountMatches take about kScanStep keys, walks that give whole
  // keys kWalkStep: each is a few milliseconds. There is no index on what is filtered or sorted by, only a
  // short copy of each row, in order of insertion, so that issuing pays for little.
  static constexpr std::int64_t kScanStep = 4096;
  static constexpr std::int64_t kWalkStep = 1024;
  // The newest key's place in the order of insertion; 0 if there is none.
  Result<std::int64_t> LastRef();
  // The place of each of the first query.limit matches in `range`, in the query's order. kInvalidArgument for
  // another limit than 1 to kMaxPageSize + 1.
  Result<std::vector<KeyCursor>> Search(const KeyQuery& query, const RefRange& range);
  Result<std::int64_t> CountMatches(const KeyFilter& filter, const RefRange& range);
  // Whole records with their usage, in the order of `refs`; those that have gone meanwhile are left out.
  Result<std::vector<ListedKey>> Read(std::span<const std::int64_t> refs);
  // In order of insertion.
  Result<std::vector<KeySummary>> Summaries(const KeyFilter& filter, const RefRange& range);
  // The key that replaces `id`; of several the newest. nullopt: none.
  Result<std::optional<keys::KeyId>> FindSuccessor(const keys::KeyId& id);
  // The verifiers of the generations of `id` that its record no longer holds, newest first, at most `limit`.
  Result<std::vector<keys::Generation>> EndedGenerations(const keys::KeyId& id, int limit);
  // Removes the key and all that is kept of it. kNotFound if there is none.
  Status Remove(const keys::KeyId& id);
  // How many keys there are, without counting them: from the last ref and how many before it are unused.
  Result<std::int64_t> Count();

 private:
  struct Stored {
    std::int64_t ref = 0;
    std::uint64_t version = 0;
  };

  KeyRepository(Database& database, std::vector<Statement> statements)
      : database_(database), statements_(std::move(statements)), cache_(database) {}
  Result<std::optional<Stored>> FindStored(const keys::KeyId& id);
  Status WriteGeneration(std::size_t statement, std::int64_t ref, const keys::Generation& generation);
  // `row` holds RecordColumns() first.
  Result<keys::KeyRecord> ReadRecord(const Statement& row);
  // `row` holds the columns of its usage behind them.
  Status AddListedKey(const Statement& row, std::vector<ListedKey>& keys);
  // Calls `each` on every row of `sql` until one fails.
  Status ForEachRow(const std::string& sql, std::span<const SqlValue> values,
                    const std::function<Status(const Statement&)>& each);

  Database& database_;
  std::vector<Statement> statements_;
  StatementCache cache_;  // for SQL that depends on the filter
};

}  // namespace claviger::store
