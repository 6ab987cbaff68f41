// Walks over the keys: what each of them is.
#include "daemon/store/key_filter.h"
#include "daemon/store/key_repository.h"
#include "daemon/store/key_row.h"
#include "daemon/store/usage_row.h"

namespace claviger::store {
namespace {

using keys::KeyRecord;

constexpr std::string_view kSummaryColumns =
    "k.ref, k.key_id, k.name, k.owner, k.team, k.creator, k.description <> '', k.created, k.not_before, "
    "k.expires, k.scopes, k.unscoped, k.state, g.created, ";
constexpr int kSummaryUsage = 14;

// kCorrupt if the row is not of a key.
Result<KeySummary> ReadSummary(const Statement& row, UnixSeconds now) {
  KeySummary summary;
  const std::int64_t state = row.Int(12);
  if (!ReadKeyId(row, 1, summary.id) || state < 1 || state > 3 || row.IsNull(13)) return NotARecord();
  summary.ref = row.Int(0);
  summary.name = row.Text(2);
  summary.owner = row.Text(3);
  summary.team = row.Text(4);
  summary.creator = row.Text(5);
  summary.described = row.Int(6) != 0;
  summary.created = row.Int(7);
  summary.not_before = row.Int(8);
  summary.expires = row.Int(9);
  summary.scopes = row.Text(10);
  summary.unscoped = row.Int(11) != 0;
  KeyRecord times;
  times.state = static_cast<keys::RecordState>(state);
  times.not_before = summary.not_before;
  times.expires = summary.expires;
  summary.state = times.StateAt(now);
  summary.generation_created = row.Int(13);
  summary.usage = ReadUsageRow(row, kSummaryUsage).value_or(Usage());
  return summary;
}

}  // namespace

Result<std::vector<ListedKey>> KeyRepository::Read(std::span<const std::int64_t> refs) {
  static const std::string kSql = "SELECT " + RecordColumns() + ", " + std::string(kUsageColumns) + " FROM " +
                                  std::string(kRecordTables) + std::string(kJoinUsage) + " WHERE k.ref = ?";
  std::vector<ListedKey> keys;
  keys.reserve(refs.size());
  for (const std::int64_t ref : refs) {
    Status read = ForEachRow(kSql, std::vector<SqlValue>{ref},
                             [this, &keys](const Statement& row) { return AddListedKey(row, keys); });
    if (!read) return read.error();
  }
  return keys;
}

Result<std::vector<KeySummary>> KeyRepository::Summaries(const KeyFilter& filter, const RefRange& range) {
  Result<FilterSql> where = MakeFilterSql(filter, range);
  if (!where) return where.error();
  std::string sql = "SELECT ";
  sql.append(kSummaryColumns).append(kUsageColumns).append(" FROM ").append(kRecordTables);
  sql.append(kJoinUsage).append(" WHERE ").append(where->where).append(" ORDER BY k.ref");
  std::vector<KeySummary> summaries;
  Status read = ForEachRow(sql, where->values, [&summaries, &filter](const Statement& row) -> Status {
    Result<KeySummary> summary = ReadSummary(row, filter.now);
    if (!summary) return summary.error();
    summaries.push_back(std::move(*summary));
    return Ok();
  });
  if (!read) return read.error();
  return summaries;
}

Status KeyRepository::AddListedKey(const Statement& row, std::vector<ListedKey>& keys) {
  Result<KeyRecord> record = ReadRecord(row);
  if (!record) return record.error();
  keys.push_back({std::move(*record), ReadUsageRow(row, kRecordColumns)});
  return Ok();
}

}  // namespace claviger::store
