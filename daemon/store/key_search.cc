// Lists of keys: which keys, in which order, how many.
#include <algorithm>
#include <string>
#include <variant>

#include "daemon/store/key_filter.h"
#include "daemon/store/key_order.h"
#include "daemon/store/key_repository.h"
#include "daemon/store/usage_row.h"

namespace claviger::store {
namespace {

Status CheckQuery(const KeyQuery& query) {
  if (query.limit < 1 || query.limit > kMaxPageSize + 1) {
    return Error(ErrorCode::kInvalidArgument, "a page holds 1 to " + std::to_string(kMaxPageSize) + " keys");
  }
  const SortColumn& column = SortColumnOf(query.sort);
  if (query.after && !column.sql.empty() &&
      std::holds_alternative<std::string>(query.after->value) != column.text) {
    return Error(ErrorCode::kInvalidArgument,
                 "the page before was of a list in another order: begin the list anew");
  }
  return Ok();
}

// In a list by ref alone, the keys behind a place are a range themselves.
RefRange RangeBehind(const KeyQuery& query, RefRange range) {
  if (!query.after || query.sort != KeySort::kCreated) return range;
  const std::int64_t ref = query.after->ref;
  if (query.descending) {
    range.last = std::min(range.last, ref == INT64_MIN ? ref : ref - 1);
  } else {
    range.first = std::max(range.first, ref == INT64_MAX ? ref : ref + 1);
  }
  return range;
}

// " FROM ... WHERE ...". Left to itself, SQLite takes the table, whose rows are five times as long as those
// of the index and have to be decrypted all the same.
std::string KeysOf(const FilterSql& filter, bool usage) {
  std::string sql = " FROM key AS k";
  if (filter.listing) sql += " INDEXED BY key_listing";
  if (filter.usage || usage) sql += kJoinUsage;
  return sql + " WHERE " + filter.where;
}

}  // namespace

Result<std::vector<KeyCursor>> KeyRepository::Search(const KeyQuery& query, const RefRange& range) {
  if (Status s = CheckQuery(query); !s) return s.error();
  Result<FilterSql> filter = MakeFilterSql(query.filter, RangeBehind(query, range));
  if (!filter) return filter.error();
  const SortColumn& column = SortColumnOf(query.sort);
  std::string sql = "SELECT k.ref";
  if (!column.sql.empty()) sql.append(", ").append(column.sql);
  sql += KeysOf(*filter, column.usage);
  // Other orders are kept here, where rows behind the limit cost one comparison.
  if (column.sql.empty()) sql.append(" ORDER BY k.ref").append(query.descending ? " DESC" : "") += " LIMIT ?";
  if (column.sql.empty()) filter->values.emplace_back(std::int64_t{query.limit});
  FirstPlaces first(query);
  Status done = ForEachRow(sql, filter->values, [&first](const Statement& row) {
    first.Offer(row);
    return Ok();
  });
  if (!done) return done.error();
  return first.Take();
}

Result<std::int64_t> KeyRepository::CountMatches(const KeyFilter& filter, const RefRange& range) {
  Result<FilterSql> where = MakeFilterSql(filter, range);
  if (!where) return where.error();
  std::int64_t count = 0;
  Status done =
      ForEachRow("SELECT count(*)" + KeysOf(*where, false), where->values, [&count](const Statement& row) {
        count = row.Int(0);
        return Ok();
      });
  if (!done) return done.error();
  return count;
}

Status KeyRepository::ForEachRow(const std::string& sql, std::span<const SqlValue> values,
                                 const std::function<Status(const Statement&)>& each) {
  Result<Statement*> prepared = cache_.Get(sql);
  if (!prepared) return prepared.error();
  Statement& statement = **prepared;
  const ResetOnExit reset(statement);
  BindValues(statement, values);
  while (true) {
    Result<bool> row = statement.Step();
    if (!row) return row.error();
    if (!*row) return Ok();
    if (Status s = each(statement); !s) return s;
  }
}

}  // namespace claviger::store
