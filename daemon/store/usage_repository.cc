#include "daemon/store/usage_repository.h"

#include <algorithm>

#include "daemon/store/usage_row.h"

namespace claviger::store {
namespace {

enum Sql {
  kFindKey,
  kAddUsage,
  kInsertUsage,
  kNoteEnded,
  kInsertEnded,
  kFind,
  kAddCaller,
  kCountCallers,
  kInsertCaller,
  kForgetCallers,
  kAddLastCaller,
  kCallers,
  kAddScope,
  kInsertScope,
  kAskedScopes,
};

constexpr std::string_view kOfKey = "key_ref = (SELECT ref FROM key WHERE key_id = ?1)";
constexpr std::string_view kAddUse =
    "UPDATE OR FAIL usage_caller SET uses = uses + ?6, first_used = min(first_used, ?5), "
    "last_used = max(last_used, ?5) WHERE key_ref = ?1 AND generation = ?2 AND ";

// In the order of enum Sql. min and max of a NULL are NULL. OR FAIL, since each changes one row or none:
// without it SQLite keeps encrypted copies of pages for every UPDATE, to undo it alone.
std::vector<std::string> MakeSql() {
  const std::string of_key(kOfKey);
  const std::string add_use(kAddUse);
  return {
      "SELECT ref FROM key WHERE key_id = ?1",
      // ?4 to ?6 (the first, the last use, by whom) are NULL for a key that was only denied, ?7 to ?9 for one
      // that was not; what depends on them stays as it is then.
      "UPDATE OR FAIL usage SET uses = uses + ?2, denials = denials + ?3, "
      "first_used = min(coalesce(first_used, ?4), coalesce(?4, first_used)), "
      "last_uid = CASE WHEN ?5 >= coalesce(last_used, 0) THEN ?6 ELSE last_uid END, "
      "last_used = max(coalesce(last_used, ?5), coalesce(?5, last_used)), "
      "last_denied_uid = CASE WHEN ?7 >= coalesce(last_denied, 0) THEN ?8 ELSE last_denied_uid END, "
      "last_denial = CASE WHEN ?7 >= coalesce(last_denied, 0) THEN ?9 ELSE last_denial END, "
      "last_denied = max(coalesce(last_denied, ?7), coalesce(?7, last_denied)) WHERE key_ref = ?1",
      "INSERT INTO usage (key_ref, uses, denials, first_used, last_used, last_uid, last_denied, "
      "last_denied_uid, last_denial) VALUES (?1, ?2, ?3, ?4, ?5, coalesce(?6, 0), ?7, ?8, ?9)",
      "UPDATE OR FAIL usage SET "
      "ended_generation = CASE WHEN ?3 >= coalesce(ended_secret_presented, 0) THEN ?2 "
      "ELSE ended_generation END, "
      "ended_secret_presented = max(coalesce(ended_secret_presented, ?3), ?3) WHERE key_ref = ?1",
      "INSERT INTO usage (key_ref, last_uid, uses, denials, ended_generation, ended_secret_presented) "
      "VALUES (?1, 0, 0, 0, ?2, ?3)",
      "SELECT " + std::string(kUsageColumns) + " FROM usage AS u WHERE u." + of_key,
      add_use + "uid = ?3 AND unit = ?4",
      "SELECT count(*) FROM usage_caller WHERE key_ref = ?1 AND generation = ?2",
      "INSERT INTO usage_caller (key_ref, generation, uid, unit, first_used, last_used, uses) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6)",
      "DELETE FROM usage_caller WHERE key_ref = ?1 AND generation <= ?2",
      // The row that was made when there was no room for more: the last first use without a unit.
      add_use +
          "(uid, unit) = (SELECT uid, unit FROM usage_caller WHERE key_ref = ?1 AND generation = ?2 "
          "AND unit = '' ORDER BY first_used DESC, uid LIMIT 1)",
      "SELECT generation, uid, unit, first_used, last_used, uses FROM usage_caller WHERE " + of_key +
          " ORDER BY last_used DESC, generation DESC, uid, unit",
      "UPDATE OR FAIL usage_scope SET last_asked = max(last_asked, ?3) WHERE key_ref = ?1 AND scope = ?2",
      "INSERT INTO usage_scope (key_ref, scope, last_asked) SELECT ?1, ?2, ?3 "
      "WHERE (SELECT count(*) FROM usage_scope WHERE key_ref = ?1) < ?4",
      "SELECT scope, last_asked FROM usage_scope WHERE " + of_key + " ORDER BY scope",
  };
}

Error NoSuchKey(const keys::KeyId& id) {
  return Error(ErrorCode::kNotFound, "there is no key with the id " + id.ToString());
}

}  // namespace

Result<std::unique_ptr<UsageRepository>> UsageRepository::Create(Database& database) {
  Result<std::vector<Statement>> statements = PrepareAll(database, MakeSql());
  if (!statements) return statements.error();
  return std::unique_ptr<UsageRepository>(new UsageRepository(database, std::move(*statements)));
}

Status UsageRepository::Add(const UsageIncrement& increment) {
  Result<std::int64_t> ref = RefOf(increment.id);
  if (!ref) return ref.error();
  if (Status s = AddTotals(*ref, increment); !s) return s;
  for (const CallerUse& use : increment.uses) {
    if (Status s = AddCaller(*ref, use); !s) return s;
  }
  for (const AskedScope& asked : increment.asked) {
    if (Status s = AddScope(*ref, asked); !s) return s;
  }
  return Ok();
}

Status UsageRepository::AddTotals(std::int64_t ref, const UsageIncrement& increment) {
  std::int64_t uses = 0;
  std::optional<std::int64_t> first;
  std::optional<std::int64_t> last;
  std::optional<std::int64_t> last_uid;
  for (const CallerUse& use : increment.uses) {
    uses += use.uses;
    first = std::min(first.value_or(use.last_used), use.last_used);
    if (last && *last > use.last_used) continue;
    last = use.last_used;
    last_uid = use.caller.uid;
  }
  const bool denied = increment.last_denied != 0;
  for (const Sql sql : {kAddUsage, kInsertUsage}) {
    Statement& statement = statements_[sql];
    statement.Bind(1, ref).Bind(2, uses).Bind(3, increment.denials).Bind(4, first).Bind(5, last);
    statement.Bind(6, last_uid);
    // What is not bound is NULL.
    if (denied) statement.Bind(7, increment.last_denied).Bind(8, std::int64_t{increment.last_denied_uid});
    if (denied && increment.last_denial) statement.Bind(9, keys::VerdictCodeName(*increment.last_denial));
    Status done = statement.Run();
    if (!done || database_.ChangedRows() == 1) return done;
  }
  return Error(ErrorCode::kInternal, "the usage of a key could not be added");
}

Status UsageRepository::AddCaller(std::int64_t ref, const CallerUse& use) {
  Caller caller = use.caller;
  if (caller.unit.size() > kMaxUnitBytes) caller.unit.clear();
  const auto run = [this, ref, &use](Sql sql, const Caller& as) {
    return statements_[sql]
        .Bind(1, ref)
        .Bind(2, std::int64_t{use.generation})
        .Bind(3, std::int64_t{as.uid})
        .Bind(4, as.unit)
        .Bind(5, use.last_used)
        .Bind(6, use.uses)
        .Run();
  };
  Status done = run(kAddCaller, caller);
  if (!done || database_.ChangedRows() == 1) return done;
  Result<std::int64_t> count = CountCallers(ref, use.generation);
  if (!count) return count.error();
  if (*count == 0) {
    if (Status s = ForgetCallers(ref, use.generation); !s) return s;
  }
  if (*count < kMaxCallersPerGeneration) return run(kInsertCaller, caller);
  caller.unit.clear();
  done = run(kAddCaller, caller);
  if (!done || database_.ChangedRows() == 1) return done;
  return run(*count == kMaxCallersPerGeneration ? kInsertCaller : kAddLastCaller, caller);
}

Result<std::int64_t> UsageRepository::CountCallers(std::int64_t ref, std::uint32_t generation) {
  Statement& count = statements_[kCountCallers];
  const ResetOnExit reset(count);
  Result<bool> row = count.Bind(1, ref).Bind(2, std::int64_t{generation}).Step();
  if (!row) return row.error();
  return count.Int(0);
}

Status UsageRepository::ForgetCallers(std::int64_t ref, std::uint32_t generation) {
  return statements_[kForgetCallers]
      .Bind(1, ref)
      .Bind(2, std::int64_t{generation} - kGenerationsWithCallers)
      .Run();
}

Status UsageRepository::AddScope(std::int64_t ref, const AskedScope& asked) {
  for (const Sql sql : {kAddScope, kInsertScope}) {
    Statement& statement = statements_[sql];
    statement.Bind(1, ref).Bind(2, asked.scope).Bind(3, asked.last_asked);
    if (sql == kInsertScope) statement.Bind(4, std::int64_t{kMaxAskedScopesPerKey});
    Status done = statement.Run();
    if (!done || database_.ChangedRows() == 1) return done;
  }
  return Ok();
}

Status UsageRepository::NoteEndedSecret(const keys::KeyId& id, std::uint32_t generation, UnixSeconds now) {
  Result<std::int64_t> ref = RefOf(id);
  if (!ref) return ref.error();
  for (const Sql sql : {kNoteEnded, kInsertEnded}) {
    Status done = statements_[sql].Bind(1, *ref).Bind(2, std::int64_t{generation}).Bind(3, now).Run();
    if (!done || database_.ChangedRows() == 1) return done;
  }
  return Error(ErrorCode::kInternal, "the use of an ended secret could not be noted");
}

Result<std::optional<Usage>> UsageRepository::Find(const keys::KeyId& id) {
  Statement& find = statements_[kFind];
  const ResetOnExit reset(find);
  Result<bool> row = find.Bind(1, id.bytes).Step();
  if (!row) return row.error();
  return *row ? ReadUsageRow(find, 0) : std::optional<Usage>();
}

Result<std::vector<CallerUse>> UsageRepository::Callers(const keys::KeyId& id) {
  Statement& read = statements_[kCallers];
  const ResetOnExit reset(read);
  read.Bind(1, id.bytes);
  std::vector<CallerUse> callers;
  while (true) {
    Result<bool> row = read.Step();
    if (!row) return row.error();
    if (!*row) return callers;
    callers.push_back({static_cast<std::uint32_t>(read.Int(0)),
                       {static_cast<std::uint32_t>(read.Int(1)), read.Text(2)},
                       read.Int(3),
                       read.Int(4),
                       read.Int(5)});
  }
}

Result<std::vector<AskedScope>> UsageRepository::AskedScopes(const keys::KeyId& id) {
  Statement& read = statements_[kAskedScopes];
  const ResetOnExit reset(read);
  read.Bind(1, id.bytes);
  std::vector<AskedScope> scopes;
  while (true) {
    Result<bool> row = read.Step();
    if (!row) return row.error();
    if (!*row) return scopes;
    scopes.push_back({read.Text(0), read.Int(1)});
  }
}

Result<std::int64_t> UsageRepository::RefOf(const keys::KeyId& id) {
  Statement& find = statements_[kFindKey];
  const ResetOnExit reset(find);
  Result<bool> row = find.Bind(1, id.bytes).Step();
  if (!row) return row.error();
  if (!*row) return NoSuchKey(id);
  return find.Int(0);
}

}  // namespace claviger::store
