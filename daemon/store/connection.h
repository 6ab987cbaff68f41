// Everything that lives and dies with one opened database.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "daemon/store/store_thread.h"
#include "daemon/store/transaction.h"

namespace claviger::store {

// Thread-compatible; lives on the store thread.
class Connection {
 public:
  // As Database::Open.
  static Result<std::unique_ptr<Connection>> Open(const std::string& path, const Secret& key);

  Database& database() { return *database_; }
  Transaction& transaction() { return *transaction_; }
  // Valid while this object lives.
  Tables& tables() { return tables_; }

 private:
  Connection(std::unique_ptr<Database> database, std::unique_ptr<Transaction> transaction,
             std::unique_ptr<KeyRepository> keys, std::unique_ptr<UsageRepository> usage,
             std::unique_ptr<MetaRepository> meta, std::unique_ptr<NoticeRepository> notices,
             std::unique_ptr<UnitKeyRepository> unit_keys);

  std::unique_ptr<Database> database_;  // first: the statements of the others must go before it does
  std::unique_ptr<Transaction> transaction_;
  std::unique_ptr<KeyRepository> keys_;
  std::unique_ptr<UsageRepository> usage_;
  std::unique_ptr<MetaRepository> meta_;
  std::unique_ptr<NoticeRepository> notices_;
  std::unique_ptr<UnitKeyRepository> unit_keys_;
  Tables tables_;
};

}  // namespace claviger::store
