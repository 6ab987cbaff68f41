// Rows of the tables `key`, `key_generation` and `usage` as what they mean.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "daemon/keys/record.h"
#include "daemon/store/statement.h"
#include "daemon/store/usage_repository.h"

namespace claviger::store {

// The columns of `key` but for `ref`, in the order in which they are bound (from 1) and selected (behind
// `ref`, so from 1 as well).
enum KeyColumn : int {
  kKeyRef,
  kKeyId,
  kVersion,
  kName,
  kDescription,
  kOwner,
  kTeam,
  kCreator,
  kCreated,
  kNotBefore,
  kExpires,
  kScopes,
  kUnscoped,
  kUnscopedReason,
  kState,
  kRevokedAt,
  kEndReason,
  kGeneration,
  kGenerations,
  kMac,
  kBundles,
  kReplaces,
  kPausedBy,
  kKeyColumns,  // how many
};

// What a record is selected from: the key, and the current generation beside it. More tables can be joined
// behind.
inline constexpr std::string_view kRecordTables =
    "key AS k LEFT JOIN key_generation AS g ON g.key_ref = k.ref AND g.number = k.generation";
// "INSERT ..." and "UPDATE ... WHERE key_id = ?1", to be bound by BindRecord.
std::string InsertRecordSql();
std::string UpdateRecordSql();
// "k.ref, k.key_id, ...", then the columns of the current generation.
std::string RecordColumns();
inline constexpr int kGenerationColumns = 4;
inline constexpr int kRecordColumns = kKeyColumns + kGenerationColumns;

void BindRecord(Statement& statement, const keys::KeyRecord& record);
// The record that RecordColumns() at the beginning of `row` tell of, without the generation before the
// current one, which is there if kGenerations is 2. kCorrupt if the row is not a record.
Result<keys::KeyRecord> ReadRecordRow(const Statement& row);
// "number, verifier, created, ends, until_used" at the beginning of `row`. kCorrupt as above.
inline constexpr std::string_view kWholeGenerationColumns = "number, verifier, created, ends, until_used";
Result<keys::Generation> ReadGenerationRow(const Statement& row);

// A key whose row is not a key record.
Error NotARecord();
// False if `row` holds no key id in `column`.
bool ReadKeyId(const Statement& row, int column, keys::KeyId& id);

}  // namespace claviger::store
