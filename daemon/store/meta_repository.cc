#include "daemon/store/meta_repository.h"

#include <algorithm>

namespace claviger::store {
namespace {

enum Sql { kReadHighWater, kRaiseHighWater, kSetHighWater, kFindRequest, kRememberRequest, kPruneRequests };

// In the order of enum Sql.
std::vector<std::string> MakeSql() {
  return {
      "SELECT value FROM meta WHERE name = 'high_water'",
      "UPDATE OR FAIL meta SET value = ?1 WHERE name = 'high_water' AND value < ?1",
      "UPDATE OR FAIL meta SET value = ?1 WHERE name = 'high_water'",
      "SELECT key_id FROM request WHERE creator = ?1 AND request_id = ?2",
      "INSERT INTO request (creator, request_id, key_id, at) VALUES (?1, ?2, ?3, ?4)",
      "DELETE FROM request WHERE (creator, request_id) IN "
      "(SELECT creator, request_id FROM request WHERE at < ?1 ORDER BY at LIMIT ?2)",
  };
}

}  // namespace

Result<std::unique_ptr<MetaRepository>> MetaRepository::Create(Database& database) {
  Result<std::vector<Statement>> statements = PrepareAll(database, MakeSql());
  if (!statements) return statements.error();
  return std::unique_ptr<MetaRepository>(new MetaRepository(database, std::move(*statements)));
}

Result<UnixSeconds> MetaRepository::HighWater() {
  Statement& read = statements_[kReadHighWater];
  const ResetOnExit reset(read);
  Result<bool> row = read.Step();
  if (!row) return row.error();
  if (!*row) {
    return Error(ErrorCode::kCorrupt,
                 "the database lost the highest time that it recorded: restore a backup");
  }
  return read.Int(0);
}

Status MetaRepository::RaiseHighWater(UnixSeconds time) {
  return statements_[kRaiseHighWater].Bind(1, time).Run();
}

Status MetaRepository::SetHighWater(UnixSeconds time) {
  return statements_[kSetHighWater].Bind(1, time).Run();
}

Result<std::optional<keys::KeyId>> MetaRepository::FindRequest(std::string_view creator,
                                                               std::string_view request_id) {
  Statement& find = statements_[kFindRequest];
  const ResetOnExit reset(find);
  Result<bool> row = find.Bind(1, creator).Bind(2, request_id).Step();
  if (!row) return row.error();
  if (!*row) return std::optional<keys::KeyId>();
  keys::KeyId id;
  const std::span<const std::uint8_t> bytes = find.Blob(0);
  if (bytes.size() != id.bytes.size()) {
    return Error(ErrorCode::kCorrupt, "a row of the request table holds no key id: restore a backup");
  }
  std::copy(bytes.begin(), bytes.end(), id.bytes.begin());
  return std::optional<keys::KeyId>(id);
}

Status MetaRepository::RememberRequest(std::string_view creator, std::string_view request_id,
                                       const keys::KeyId& id, UnixSeconds now) {
  if (request_id.empty() || request_id.size() > kMaxRequestIdBytes) {
    return Error(ErrorCode::kInvalidArgument,
                 "a request id has 1 to " + std::to_string(kMaxRequestIdBytes) + " bytes");
  }
  Status done =
      statements_[kRememberRequest].Bind(1, creator).Bind(2, request_id).Bind(3, id.bytes).Bind(4, now).Run();
  if (!done && done.error().code() == ErrorCode::kConflict) {
    return Error(ErrorCode::kConflict, "a request with this id was carried out already: take another id");
  }
  return done;
}

Result<int> MetaRepository::PruneRequests(UnixSeconds before, int limit) {
  Status done = statements_[kPruneRequests].Bind(1, before).Bind(2, std::int64_t{std::max(limit, 0)}).Run();
  if (!done) return done.error();
  return database_.ChangedRows();
}

}  // namespace claviger::store
