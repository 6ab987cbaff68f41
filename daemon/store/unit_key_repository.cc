#include "daemon/store/unit_key_repository.h"

#include <algorithm>
#include <span>

namespace claviger::store {
namespace {

enum Sql { kFind, kPut, kEndingWithUnit };

// In the order of enum Sql.
std::vector<std::string> MakeSql() {
  return {
      "SELECT unit, credential, key_id, control_group FROM unit_key WHERE unit = ?1 AND credential = ?2",
      "INSERT OR REPLACE INTO unit_key (unit, credential, key_id, control_group) VALUES (?1, ?2, ?3, ?4)",
      "SELECT unit, credential, key_id, control_group FROM unit_key WHERE control_group <> ''",
  };
}

Result<UnitKey> ReadRow(const Statement& row) {
  UnitKey key;
  key.unit = row.Text(0);
  key.credential = row.Text(1);
  const std::span<const std::uint8_t> id = row.Blob(2);
  if (id.size() != key.key.bytes.size()) {
    return Error(ErrorCode::kCorrupt, "a row of the unit_key table holds no key id: restore a backup");
  }
  std::copy(id.begin(), id.end(), key.key.bytes.begin());
  key.control_group = row.Text(3);
  return key;
}

}  // namespace

Result<std::unique_ptr<UnitKeyRepository>> UnitKeyRepository::Create(Database& database) {
  Result<std::vector<Statement>> statements = PrepareAll(database, MakeSql());
  if (!statements) return statements.error();
  return std::unique_ptr<UnitKeyRepository>(new UnitKeyRepository(std::move(*statements)));
}

Result<std::optional<UnitKey>> UnitKeyRepository::Find(std::string_view unit, std::string_view credential) {
  Statement& find = statements_[kFind];
  const ResetOnExit reset(find);
  const Result<bool> row = find.Bind(1, unit).Bind(2, credential).Step();
  if (!row) return row.error();
  if (!*row) return std::optional<UnitKey>();
  auto key = ReadRow(find);
  if (!key) return key.error();
  return std::optional(std::move(*key));
}

Status UnitKeyRepository::Put(const UnitKey& key) {
  return statements_[kPut]
      .Bind(1, key.unit)
      .Bind(2, key.credential)
      .Bind(3, key.key.bytes)
      .Bind(4, key.control_group)
      .Run();
}

Result<std::vector<UnitKey>> UnitKeyRepository::EndingWithUnit() {
  Statement& list = statements_[kEndingWithUnit];
  const ResetOnExit reset(list);
  std::vector<UnitKey> keys;
  while (true) {
    const Result<bool> row = list.Step();
    if (!row) return row.error();
    if (!*row) return keys;
    auto key = ReadRow(list);
    if (!key) return key.error();
    keys.push_back(std::move(*key));
  }
}

}  // namespace claviger::store
