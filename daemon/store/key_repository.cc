#include "daemon/store/key_repository.h"

#include <algorithm>
#include <array>

#include "daemon/store/key_filter.h"
#include "daemon/store/key_row.h"

namespace claviger::store {
namespace {

using keys::Generation;
using keys::KeyId;
using keys::KeyRecord;

enum Sql {
  kInsert,
  kFindRef,
  kUpdate,
  kInsertGeneration,
  kUpdateGeneration,
  kReadOlderGeneration,
  kReadEndedGenerations,
  kFind,
  kFindSuccessor,
  kLastRef,
  kUnusedRefs,
  kSetUnusedRefs,
  kRemove,  // and on, in the order of kTablesOfKey
};

struct KeyTable {
  std::string_view name;
  std::string_view ref;  // the column that names the key
};
// Children before the key that they belong to.
constexpr std::array<KeyTable, 6> kTablesOfKey = {{
    {"announcement", "key_ref"},
    {"usage_scope", "key_ref"},
    {"usage_caller", "key_ref"},
    {"usage", "key_ref"},
    {"key_generation", "key_ref"},
    {"key", "ref"},
}};

// In the order of enum Sql.
std::vector<std::string> MakeSql() {
  const std::string generation(kWholeGenerationColumns);
  std::vector<std::string> sql = {
      InsertRecordSql(),
      "SELECT ref, version FROM key WHERE key_id = ?1",
      UpdateRecordSql(),
      // SQLite keeps a journal, encrypted copies of pages, of every statement that could fail half done: one
      // that replaces, and an UPDATE unless it may leave rows changed. Ours change one row or none.
      "INSERT INTO key_generation (key_ref, " + generation + ") VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
      "UPDATE OR FAIL key_generation SET verifier = ?3, created = ?4, ends = ?5, until_used = ?6 "
      "WHERE key_ref = ?1 AND number = ?2",
      "SELECT " + generation +
          " FROM key_generation WHERE key_ref = ?1 AND number < ?2 ORDER BY number DESC LIMIT 1",
      "SELECT " + generation +
          " FROM key_generation WHERE key_ref = (SELECT ref FROM key WHERE key_id = ?1) "
          "AND number <= (SELECT generation FROM key WHERE key_id = ?1) ORDER BY number DESC "
          "LIMIT ?2 OFFSET coalesce((SELECT generations FROM key WHERE key_id = ?1), 0)",
      "SELECT " + RecordColumns() + " FROM " + std::string(kRecordTables) + " WHERE k.key_id = ?1",
      "SELECT key_id FROM key WHERE replaces = ?1 ORDER BY ref DESC LIMIT 1",
      "SELECT ref FROM key ORDER BY ref DESC LIMIT 1",
      "SELECT value FROM meta WHERE name = 'unused_refs'",
      "UPDATE OR FAIL meta SET value = ?1 WHERE name = 'unused_refs'",
  };
  for (const auto& [table, column] : kTablesOfKey) {
    sql.push_back("DELETE FROM " + std::string(table) + " WHERE " + std::string(column) + " = ?1");
  }
  return sql;
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

Error NoSuchKey(const KeyId& id) {
  return Error(ErrorCode::kNotFound, "there is no key with the id " + id.ToString());
}

}  // namespace

Result<std::unique_ptr<KeyRepository>> KeyRepository::Create(Database& database) {
  if (Status s = AddFilterFunctions(database); !s) return s.error();
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
  const std::int64_t ref = database_.LastInsertRow();
  for (const Generation& generation : record.generations) {
    if (Status s = WriteGeneration(kInsertGeneration, ref, generation); !s) return s;
  }
  return Ok();
}

Status KeyRepository::Update(const KeyRecord& record) {
  if (Status s = CheckGenerations(record); !s) return s;
  Result<std::optional<Stored>> stored = FindStored(record.id);
  if (!stored) return stored.error();
  if (!*stored) return NoSuchKey(record.id);
  if ((*stored)->version + 1 != record.version) {
    return Error(ErrorCode::kConflict, "the key " + record.id.ToString() +
                                           " was changed by someone else: read it again and repeat");
  }
  Statement& update = statements_[kUpdate];
  BindRecord(update, record);
  if (Status s = update.Run(); !s) return s;
  for (const Generation& generation : record.generations) {
    if (Status s = WriteGeneration(kUpdateGeneration, (*stored)->ref, generation); !s) return s;
    if (database_.ChangedRows() != 0) continue;
    if (Status s = WriteGeneration(kInsertGeneration, (*stored)->ref, generation); !s) return s;
  }
  return Ok();
}

Status KeyRepository::Remove(const KeyId& id) {
  Result<std::optional<Stored>> stored = FindStored(id);
  if (!stored) return stored.error();
  if (!*stored) return NoSuchKey(id);
  const Result<std::int64_t> before = Count();
  if (!before) return before.error();
  for (std::size_t table = 0; table < kTablesOfKey.size(); ++table) {
    if (Status s = statements_[kRemove + table].Bind(1, (*stored)->ref).Run(); !s) return s;
  }
  // The refs behind the last key are given again, so the last key's removal can leave fewer unused.
  const Result<std::int64_t> last = LastRef();
  if (!last) return last.error();
  return statements_[kSetUnusedRefs].Bind(1, *last - (*before - 1)).Run();
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

Result<std::optional<KeyId>> KeyRepository::FindSuccessor(const KeyId& id) {
  Statement& find = statements_[kFindSuccessor];
  const ResetOnExit reset(find);
  Result<bool> row = find.Bind(1, id.bytes).Step();
  if (!row) return row.error();
  if (!*row) return std::optional<KeyId>();
  KeyId successor;
  if (!ReadKeyId(find, 0, successor)) return NotARecord();
  return std::optional<KeyId>(successor);
}

Result<std::vector<Generation>> KeyRepository::EndedGenerations(const KeyId& id, int limit) {
  Statement& read = statements_[kReadEndedGenerations];
  const ResetOnExit reset(read);
  read.Bind(1, id.bytes).Bind(2, std::int64_t{std::max(limit, 0)});
  std::vector<Generation> generations;
  while (true) {
    Result<bool> row = read.Step();
    if (!row) return row.error();
    if (!*row) return generations;
    Result<Generation> generation = ReadGenerationRow(read);
    if (!generation) return generation.error();
    generations.push_back(*generation);
  }
}

Result<std::int64_t> KeyRepository::LastRef() {
  Statement& last = statements_[kLastRef];
  const ResetOnExit reset(last);
  Result<bool> row = last.Step();
  if (!row) return row.error();
  return *row ? last.Int(0) : 0;
}

Result<std::int64_t> KeyRepository::Count() {
  Statement& unused = statements_[kUnusedRefs];
  const ResetOnExit reset(unused);
  const Result<bool> row = unused.Step();
  if (!row) return row.error();
  if (!*row) {
    return Error(ErrorCode::kCorrupt, "the database lost the number of its keys: restore a backup");
  }
  const Result<std::int64_t> last = LastRef();
  if (!last) return last.error();
  return *last - unused.Int(0);
}

Result<std::optional<KeyRepository::Stored>> KeyRepository::FindStored(const KeyId& id) {
  Statement& find = statements_[kFindRef];
  const ResetOnExit reset(find);
  Result<bool> row = find.Bind(1, id.bytes).Step();
  if (!row) return row.error();
  if (!*row) return std::optional<Stored>();
  return std::optional(Stored{find.Int(0), static_cast<std::uint64_t>(find.Int(1))});
}

Status KeyRepository::WriteGeneration(std::size_t statement, std::int64_t ref, const Generation& generation) {
  return statements_[statement]
      .Bind(1, ref)
      .Bind(2, std::int64_t{generation.number})
      .Bind(3, generation.verifier)
      .Bind(4, generation.created)
      .Bind(5, generation.ends)
      .Bind(6, std::int64_t{generation.until_used})
      .Run();
}

Result<KeyRecord> KeyRepository::ReadRecord(const Statement& row) {
  Result<KeyRecord> record = ReadRecordRow(row);
  if (!record || row.Int(kGenerations) == 1) return record;
  Statement& older = statements_[kReadOlderGeneration];
  const ResetOnExit reset(older);
  older.Bind(1, row.Int(kKeyRef)).Bind(2, row.Int(kGeneration));
  Result<bool> found = older.Step();
  if (!found) return found.error();
  if (!*found) return NotARecord();
  Result<Generation> generation = ReadGenerationRow(older);
  if (!generation) return generation.error();
  record->generations.insert(record->generations.begin(), *generation);
  return record;
}

}  // namespace claviger::store
