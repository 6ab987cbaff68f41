#include "daemon/store/key_row.h"

#include <algorithm>
#include <array>
#include <span>

namespace claviger::store {
namespace {

using keys::Generation;
using keys::KeyRecord;
using keys::RecordState;

// In the order of enum KeyColumn.
constexpr std::array<std::string_view, kKeyColumns> kColumnNames = {
    "ref",      "key_id",     "version",    "name",       "description", "owner",    "team",
    "creator",  "created",    "not_before", "expires",    "scopes",      "unscoped", "unscoped_reason",
    "state",    "revoked_at", "end_reason", "generation", "generations", "mac",      "bundles",
    "replaces", "paused_by"};

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

template <std::size_t N>
bool CopyExactly(std::span<const std::uint8_t> from, std::array<std::uint8_t, N>& to) {
  if (from.size() != N) return false;
  std::copy(from.begin(), from.end(), to.begin());
  return true;
}

}  // namespace

std::string InsertRecordSql() {
  std::string columns;
  std::string values;
  for (int column = kKeyId; column < kKeyColumns; ++column) {
    const std::string_view comma = column == kKeyId ? "" : ", ";
    columns.append(comma).append(kColumnNames.at(static_cast<std::size_t>(column)));
    values.append(comma).append("?" + std::to_string(column));
  }
  return "INSERT INTO key (" + columns + ") VALUES (" + values + ")";
}

std::string UpdateRecordSql() {
  std::string settings;
  for (int column = kKeyId + 1; column < kKeyColumns; ++column) {
    settings.append(settings.empty() ? "" : ", ")
        .append(kColumnNames.at(static_cast<std::size_t>(column)))
        .append(" = ?" + std::to_string(column));
  }
  return "UPDATE OR FAIL key SET " + settings + " WHERE key_id = ?1";
}

std::string RecordColumns() {
  std::string columns;
  for (const std::string_view name : kColumnNames) columns.append("k.").append(name).append(", ");
  return columns + "g.verifier, g.created, g.ends, g.until_used";
}

void BindRecord(Statement& statement, const KeyRecord& record) {
  statement.Bind(kKeyId, record.id.bytes)
      .Bind(kVersion, static_cast<std::int64_t>(record.version))
      .Bind(kName, record.name)
      .Bind(kDescription, record.description)
      .Bind(kOwner, record.owner)
      .Bind(kTeam, record.team)
      .Bind(kCreator, record.creator)
      .Bind(kCreated, record.created)
      .Bind(kNotBefore, record.not_before)
      .Bind(kExpires, record.expires)
      .Bind(kScopes, Join(record.scopes))
      .Bind(kUnscoped, std::int64_t{record.unscoped})
      .Bind(kUnscopedReason, record.unscoped_reason)
      .Bind(kState, static_cast<std::int64_t>(record.state))
      .Bind(kRevokedAt, record.revoked_at)
      .Bind(kEndReason, record.end_reason)
      .Bind(kGeneration, std::int64_t{record.current().number})
      .Bind(kGenerations, static_cast<std::int64_t>(record.generations.size()))
      .Bind(kMac, record.mac)
      .Bind(kBundles, Join(record.bundles))
      .Bind(kPausedBy, record.paused_by);
  if (record.replaces) {
    statement.Bind(kReplaces, record.replaces->bytes);
  } else {
    statement.Bind(kReplaces, std::optional<std::int64_t>());
  }
}

Result<KeyRecord> ReadRecordRow(const Statement& row) {
  KeyRecord record;
  const std::int64_t state = row.Int(kState);
  const std::int64_t generations = row.Int(kGenerations);
  Generation current;
  if (!ReadKeyId(row, kKeyId, record.id) || !CopyExactly(row.Blob(kMac), record.mac) || state < 1 ||
      state > 3 || generations < 1 || generations > static_cast<std::int64_t>(keys::kMaxLiveGenerations) ||
      !CopyExactly(row.Blob(kKeyColumns), current.verifier)) {
    return NotARecord();
  }
  record.version = static_cast<std::uint64_t>(row.Int(kVersion));
  record.name = row.Text(kName);
  record.description = row.Text(kDescription);
  record.owner = row.Text(kOwner);
  record.team = row.Text(kTeam);
  record.creator = row.Text(kCreator);
  record.created = row.Int(kCreated);
  record.not_before = row.Int(kNotBefore);
  record.expires = row.Int(kExpires);
  record.scopes = Split(row.TextView(kScopes));
  record.bundles = Split(row.TextView(kBundles));
  record.unscoped = row.Int(kUnscoped) != 0;
  record.unscoped_reason = row.Text(kUnscopedReason);
  if (!row.IsNull(kReplaces) && !ReadKeyId(row, kReplaces, record.replaces.emplace())) return NotARecord();
  record.state = static_cast<RecordState>(state);
  record.paused_by = row.Text(kPausedBy);
  record.revoked_at = row.OptionalInt(kRevokedAt);
  record.end_reason = row.Text(kEndReason);
  current.number = static_cast<std::uint32_t>(row.Int(kGeneration));
  current.created = row.Int(kKeyColumns + 1);
  current.ends = row.OptionalInt(kKeyColumns + 2);
  current.until_used = row.Int(kKeyColumns + 3) != 0;
  record.generations.push_back(current);
  return record;
}

Result<Generation> ReadGenerationRow(const Statement& row) {
  Generation generation;
  generation.number = static_cast<std::uint32_t>(row.Int(0));
  if (!CopyExactly(row.Blob(1), generation.verifier)) return NotARecord();
  generation.created = row.Int(2);
  generation.ends = row.OptionalInt(3);
  generation.until_used = row.Int(4) != 0;
  return generation;
}

Error NotARecord() {
  return Error(ErrorCode::kCorrupt, "a row of the key table is not a key record: restore a backup");
}

bool ReadKeyId(const Statement& row, int column, keys::KeyId& id) {
  return CopyExactly(row.Blob(column), id.bytes);
}

}  // namespace claviger::store
