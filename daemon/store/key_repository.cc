#include "daemon/store/key_repository.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace claviger::store {
namespace {

using keys::Generation;
using keys::KeyId;
using keys::KeyRecord;
using keys::KeyState;
using keys::RecordState;

enum Sql { kInsert, kFindRef, kUpdate, kWriteGeneration, kReadGenerations, kFind, kList, kCount };

constexpr std::string_view kColumns =
    "key_id, version, name, description, owner, team, creator, created, not_before, expires, scopes, "
    "unscoped, unscoped_reason, state, revoked_at, end_reason, generation, generations, mac";

constexpr std::string_view kUpdateSql =
    "UPDATE key SET version = ?2, name = ?3, description = ?4, owner = ?5, team = ?6, creator = ?7, "
    "created = ?8, not_before = ?9, expires = ?10, scopes = ?11, unscoped = ?12, unscoped_reason = ?13, "
    "state = ?14, revoked_at = ?15, end_reason = ?16, generation = ?17, generations = ?18, mac = ?19 "
    "WHERE key_id = ?1";

// In the order of enum Sql.
std::vector<std::string> MakeSql() {
  const std::string columns(kColumns);
  const std::string select = "SELECT ref, " + columns + " FROM key WHERE ";
  // As KeyRecord::StateAt(?2); the numbers are those of StateNumber.
  const std::string page =
      "key_id > ?1 AND (?5 = '' OR owner = ?5) AND "
      "(?3 = 0 OR ?3 = CASE WHEN state = 3 THEN 5 WHEN state = 2 THEN 3 WHEN not_before > ?2 THEN 1 "
      "WHEN expires <= ?2 THEN 4 ELSE 2 END) ORDER BY key_id LIMIT ?4";
  return {
      "INSERT INTO key (" + columns +
          ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
      "SELECT ref, version FROM key WHERE key_id = ?1",
      std::string(kUpdateSql),
      "INSERT OR REPLACE INTO key_generation (key_ref, number, verifier, created, ends) "
      "VALUES (?1, ?2, ?3, ?4, ?5)",
      "SELECT number, verifier, created, ends FROM key_generation WHERE key_ref = ?1 AND number <= ?2 "
      "ORDER BY number DESC LIMIT ?3",
      select + "key_id = ?1",
      select + page,
      "SELECT count(*) FROM key",
  };
}

// 0 = any.
std::int64_t StateNumber(const std::optional<KeyState>& state) {
  if (!state) return 0;
  switch (*state) {
    case KeyState::kPending:
      return 1;
    case KeyState::kActive:
      return 2;
    case KeyState::kPaused:
      return 3;
    case KeyState::kExpired:
      return 4;
    case KeyState::kRevoked:
      return 5;
  }
  return 0;
}

std::string JoinScopes(const std::vector<std::string>& scopes) {
  std::string text;
  for (const std::string& scope : scopes) {
    if (!text.empty()) text += ' ';
    text += scope;
  }
  return text;
}

std::vector<std::string> SplitScopes(std::string_view text) {
  std::vector<std::string> scopes;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    scopes.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return scopes;
}

// Both statements that write a row of `key` number their parameters alike.
void BindRecord(Statement& statement, const KeyRecord& record) {
  statement.Bind(1, record.id.bytes)
      .Bind(2, static_cast<std::int64_t>(record.version))
      .Bind(3, record.name)
      .Bind(4, record.description)
      .Bind(5, record.owner)
      .Bind(6, record.team)
      .Bind(7, record.creator)
      .Bind(8, record.created)
      .Bind(9, record.not_before)
      .Bind(10, record.expires)
      .Bind(11, JoinScopes(record.scopes))
      .Bind(12, std::int64_t{record.unscoped})
      .Bind(13, record.unscoped_reason)
      .Bind(14, static_cast<std::int64_t>(record.state))
      .Bind(15, record.revoked_at)
      .Bind(16, record.end_reason)
      .Bind(17, std::int64_t{record.current().number})
      .Bind(18, static_cast<std::int64_t>(record.generations.size()))
      .Bind(19, record.mac);
}

Status CheckGenerations(const KeyRecord& record) {
  const std::vector<Generation>& all = record.generations;
  if (all.empty() || all.size() > keys::kMaxLiveGenerations || all.front().number < 1 ||
      (all.size() == 2 && all[0].number >= all[1].number)) {
    return Error(ErrorCode::kInvalidArgument,
                 "a key record must hold one or two generations, the newest last");
  }
  return Ok();
}

template <std::size_t N>
bool CopyExactly(std::span<const std::uint8_t> from, std::array<std::uint8_t, N>& to) {
  if (from.size() != N) return false;
  std::copy(from.begin(), from.end(), to.begin());
  return true;
}

Error NotARecord() {
  return Error(ErrorCode::kCorrupt, "a row of the key table is not a key record: restore a backup");
}

}  // namespace

Result<std::unique_ptr<KeyRepository>> KeyRepository::Create(Database& database) {
  Result<std::vector<Statement>> statements = PrepareAll(database, MakeSql());
  if (!statements) return statements.error();
  return std::unique_ptr<KeyRepository>(new KeyRepository(database, std::move(*statements)));
}

Status KeyRepository::Insert(const KeyRecord& record) {
  if (Status s = CheckGenerations(record); !s) return s;
  Statement& insert = statements_[kInsert];
  BindRecord(insert, record);
  if (Status s = insert.Run(); !s) {
    return s.error().code() == ErrorCode::kConflict
               ? Error(ErrorCode::kConflict, "a key with the id " + record.id.ToString() + " exists already")
               : s.error();
  }
  return WriteGenerations(database_.LastInsertRow(), record);
}

Status KeyRepository::Update(const KeyRecord& record) {
  if (Status s = CheckGenerations(record); !s) return s;
  std::int64_t ref = 0;
  {
    Statement& find = statements_[kFindRef];
    const ResetOnExit reset(find);
    Result<bool> row = find.Bind(1, record.id.bytes).Step();
    if (!row) return row.error();
    if (!*row) return Error(ErrorCode::kNotFound, "there is no key with the id " + record.id.ToString());
    ref = find.Int(0);
    if (static_cast<std::uint64_t>(find.Int(1)) + 1 != record.version) {
      return Error(ErrorCode::kConflict, "the key " + record.id.ToString() +
                                             " was changed by someone else: read it again and repeat");
    }
  }
  Statement& update = statements_[kUpdate];
  BindRecord(update, record);
  if (Status s = update.Run(); !s) return s;
  return WriteGenerations(ref, record);
}

Result<std::optional<KeyRecord>> KeyRepository::Find(const KeyId& id) {
  Statement& find = statements_[kFind];
  const ResetOnExit reset(find);
  Result<bool> row = find.Bind(1, id.bytes).Step();
  if (!row) return row.error();
  if (!*row) return std::optional<KeyRecord>();
  Result<KeyRecord> record = ReadRecord(find);
  if (!record) return record.error();
  return std::optional<KeyRecord>(std::move(*record));
}

Result<std::vector<KeyRecord>> KeyRepository::List(const KeyFilter& filter, const std::optional<KeyId>& after,
                                                   int limit) {
  if (limit < 1 || limit > kMaxPageSize) {
    return Error(ErrorCode::kInvalidArgument, "a page holds 1 to " + std::to_string(kMaxPageSize) + " keys");
  }
  Statement& list = statements_[kList];
  const ResetOnExit reset(list);
  // The empty blob sorts before every id.
  list.Bind(1, after ? std::span<const std::uint8_t>(after->bytes) : std::span<const std::uint8_t>())
      .Bind(2, filter.now)
      .Bind(3, StateNumber(filter.state))
      .Bind(4, std::int64_t{limit})
      .Bind(5, filter.owner);
  std::vector<KeyRecord> records;
  while (true) {
    Result<bool> row = list.Step();
    if (!row) return row.error();
    if (!*row) return records;
    Result<KeyRecord> record = ReadRecord(list);
    if (!record) return record.error();
    records.push_back(std::move(*record));
  }
}

Result<std::int64_t> KeyRepository::Count() {
  Statement& count = statements_[kCount];
  const ResetOnExit reset(count);
  Result<bool> row = count.Step();
  if (!row) return row.error();
  return count.Int(0);
}

Status KeyRepository::WriteGenerations(std::int64_t ref, const KeyRecord& record) {
  for (const Generation& generation : record.generations) {
    Status written = statements_[kWriteGeneration]
                         .Bind(1, ref)
                         .Bind(2, std::int64_t{generation.number})
                         .Bind(3, generation.verifier)
                         .Bind(4, generation.created)
                         .Bind(5, generation.ends)
                         .Run();
    if (!written) return written;
  }
  return Ok();
}

// `row` stands on a row of kFind or kList.
Result<KeyRecord> KeyRepository::ReadRecord(const Statement& row) {
  KeyRecord record;
  const std::int64_t state = row.Int(14);
  const std::int64_t generations = row.Int(18);
  if (!CopyExactly(row.Blob(1), record.id.bytes) || !CopyExactly(row.Blob(19), record.mac) || state < 1 ||
      state > 3 || generations < 1 || generations > static_cast<std::int64_t>(keys::kMaxLiveGenerations)) {
    return NotARecord();
  }
  record.version = static_cast<std::uint64_t>(row.Int(2));
  record.name = row.Text(3);
  record.description = row.Text(4);
  record.owner = row.Text(5);
  record.team = row.Text(6);
  record.creator = row.Text(7);
  record.created = row.Int(8);
  record.not_before = row.Int(9);
  record.expires = row.Int(10);
  record.scopes = SplitScopes(row.Text(11));
  record.unscoped = row.Int(12) != 0;
  record.unscoped_reason = row.Text(13);
  record.state = static_cast<RecordState>(state);
  record.revoked_at = row.OptionalInt(15);
  record.end_reason = row.Text(16);
  if (Status s = ReadGenerations(row.Int(0), row.Int(17), static_cast<std::size_t>(generations), record);
      !s) {
    return s.error();
  }
  return record;
}

Status KeyRepository::ReadGenerations(std::int64_t ref, std::int64_t newest, std::size_t count,
                                      KeyRecord& record) {
  Statement& read = statements_[kReadGenerations];
  const ResetOnExit reset(read);
  read.Bind(1, ref).Bind(2, newest).Bind(3, static_cast<std::int64_t>(count));
  while (true) {
    Result<bool> row = read.Step();
    if (!row) return row.error();
    if (!*row) break;
    Generation generation;
    generation.number = static_cast<std::uint32_t>(read.Int(0));
    if (!CopyExactly(read.Blob(1), generation.verifier)) return NotARecord();
    generation.created = read.Int(2);
    generation.ends = read.OptionalInt(3);
    record.generations.insert(record.generations.begin(), generation);
  }
  if (record.generations.size() != count || record.current().number != newest) return NotARecord();
  return Ok();
}

}  // namespace claviger::store
