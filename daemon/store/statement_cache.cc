#include "daemon/store/statement_cache.h"

#include <algorithm>

namespace claviger::store {

Result<Statement*> StatementCache::Get(const std::string& sql) {
  const auto found = std::find_if(statements_.begin(), statements_.end(),
                                  [&sql](const auto& entry) { return entry.first == sql; });
  if (found != statements_.end()) {
    statements_.splice(statements_.begin(), statements_, found);
  } else {
    Result<Statement> statement = Statement::Prepare(database_, sql);
    if (!statement) return statement.error();
    if (statements_.size() == kCapacity) statements_.pop_back();
    statements_.emplace_front(sql, std::move(*statement));
  }
  return &statements_.front().second;
}

}  // namespace claviger::store
