// A KeyFilter as SQL. Its text is made of fixed fragments; what comes from outside is bound.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/store/database.h"
#include "daemon/store/key_repository.h"
#include "daemon/store/statement.h"

namespace claviger::store {

struct FilterSql {
  std::string where;             // "k.ref BETWEEN ? AND ? AND ...": of "key AS k" and "usage AS u"
  std::vector<SqlValue> values;  // for its parameters, in order
  bool usage = false;            // it names `u`
  bool listing = true;           // of `k`, it names only columns of the index `key_listing`
};

// The condition for the keys of `range` that pass `filter`. kInvalidArgument for what no key can have: a
// zero byte, a `search` of more than kMaxSearchBytes, something that is no scope or no action.
Result<FilterSql> MakeFilterSql(const KeyFilter& filter, const RefRange& range);

// Adds to `database` the SQL functions that the conditions use.
Status AddFilterFunctions(Database& database);

}  // namespace claviger::store
