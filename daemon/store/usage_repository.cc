#include "daemon/store/usage_repository.h"

namespace claviger::store {
namespace {

enum Sql { kAdd, kInsert, kFind };

// In the order of enum Sql.
std::vector<std::string> MakeSql() {
  return {
      // ?4 is NULL for a key that was only denied; what depends on it stays as it is then.
      "UPDATE usage SET uses = uses + ?2, denials = denials + ?3, "
      "first_used = min(coalesce(first_used, ?4), coalesce(?4, first_used)), "
      "last_uid = CASE WHEN ?4 >= coalesce(last_used, 0) THEN ?5 ELSE last_uid END, "
      "last_used = max(coalesce(last_used, ?4), coalesce(?4, last_used)) "
      "WHERE key_ref = (SELECT ref FROM key WHERE key_id = ?1)",
      "INSERT INTO usage (key_ref, uses, denials, first_used, last_used, last_uid) "
      "SELECT ref, ?2, ?3, ?4, ?4, ?5 FROM key WHERE key_id = ?1",
      "SELECT first_used, last_used, last_uid, uses, denials FROM usage "
      "WHERE key_ref = (SELECT ref FROM key WHERE key_id = ?1)",
  };
}

}  // namespace

Result<std::unique_ptr<UsageRepository>> UsageRepository::Create(Database& database) {
  Result<std::vector<Statement>> statements = PrepareAll(database, MakeSql());
  if (!statements) return statements.error();
  return std::unique_ptr<UsageRepository>(new UsageRepository(database, std::move(*statements)));
}

Status UsageRepository::Add(const UsageIncrement& increment) {
  const auto used_at = increment.last_used == 0 ? std::optional<std::int64_t>()
                                                : std::optional<std::int64_t>(increment.last_used);
  for (const Sql sql : {kAdd, kInsert}) {
    Status done = statements_[sql]
                      .Bind(1, increment.id.bytes)
                      .Bind(2, increment.uses)
                      .Bind(3, increment.denials)
                      .Bind(4, used_at)
                      .Bind(5, std::int64_t{increment.last_uid})
                      .Run();
    if (!done || database_.ChangedRows() == 1) return done;
  }
  return Error(ErrorCode::kNotFound, "there is no key with the id " + increment.id.ToString());
}

Result<std::optional<Usage>> UsageRepository::Find(const keys::KeyId& id) {
  Statement& find = statements_[kFind];
  const ResetOnExit reset(find);
  Result<bool> row = find.Bind(1, id.bytes).Step();
  if (!row) return row.error();
  if (!*row) return std::optional<Usage>();
  Usage usage;
  usage.first_used = find.OptionalInt(0).value_or(0);
  usage.last_used = find.OptionalInt(1).value_or(0);
  usage.last_uid = static_cast<std::uint32_t>(find.Int(2));
  usage.uses = find.Int(3);
  usage.denials = find.Int(4);
  return std::optional<Usage>(usage);
}

}  // namespace claviger::store
