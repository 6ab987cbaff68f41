#include "daemon/store/connection.h"

#include <utility>

namespace claviger::store {

Result<std::unique_ptr<Connection>> Connection::Open(const std::string& path, const Secret& key) {
  Result<std::unique_ptr<Database>> database = Database::Open(path, key);
  if (!database) return database.error();
  Result<std::unique_ptr<Transaction>> transaction = Transaction::Create(**database);
  if (!transaction) return transaction.error();
  Result<std::unique_ptr<KeyRepository>> keys = KeyRepository::Create(**database);
  if (!keys) return keys.error();
  Result<std::unique_ptr<UsageRepository>> usage = UsageRepository::Create(**database);
  if (!usage) return usage.error();
  Result<std::unique_ptr<MetaRepository>> meta = MetaRepository::Create(**database);
  if (!meta) return meta.error();
  Result<std::unique_ptr<NoticeRepository>> notices = NoticeRepository::Create(**database);
  if (!notices) return notices.error();
  Result<std::unique_ptr<UnitKeyRepository>> unit_keys = UnitKeyRepository::Create(**database);
  if (!unit_keys) return unit_keys.error();
  return std::unique_ptr<Connection>(new Connection(std::move(*database), std::move(*transaction),
                                                    std::move(*keys), std::move(*usage), std::move(*meta),
                                                    std::move(*notices), std::move(*unit_keys)));
}

Connection::Connection(std::unique_ptr<Database> database, std::unique_ptr<Transaction> transaction,
                       std::unique_ptr<KeyRepository> keys, std::unique_ptr<UsageRepository> usage,
                       std::unique_ptr<MetaRepository> meta, std::unique_ptr<NoticeRepository> notices,
                       std::unique_ptr<UnitKeyRepository> unit_keys)
    : database_(std::move(database)),
      transaction_(std::move(transaction)),
      keys_(std::move(keys)),
      usage_(std::move(usage)),
      meta_(std::move(meta)),
      notices_(std::move(notices)),
      unit_keys_(std::move(unit_keys)),
      tables_{*database_, *keys_, *usage_, *meta_, *notices_, *unit_keys_} {}

}  // namespace claviger::store
