// Prepared statements whose text is put together at run time.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <utility>

#include "base/result.h"
#include "daemon/store/database.h"
#include "daemon/store/statement.h"

namespace claviger::store {

// Keeps those used last. Thread-compatible; `database` must outlive it.
class StatementCache {
 public:
  static constexpr std::size_t kCapacity = 16;

  explicit StatementCache(Database& database) : database_(database) {}
  // Valid until the next call. Reset it after use.
  Result<Statement*> Get(const std::string& sql);
  std::size_t size() const { return statements_.size(); }

 private:
  Database& database_;
  std::list<std::pair<std::string, Statement>> statements_;  // used last first
};

}  // namespace claviger::store
