#include "daemon/audit/audit_log.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "daemon/audit/audit_row.h"
#include "daemon/audit/chain.h"

namespace claviger::audit {
namespace {

constexpr int kMaxPage = 500;

}  // namespace

Result<std::int64_t> AuditLog::Append(store::Database& database, const Act& act, UnixSeconds now) {
  if (!chain_) {
    if (Status s = BeginEpoch(database); !s) return s.error();
  }
  AuditRecord record;
  record.sequence = chain_->sequence;
  record.epoch = chain_->epoch;
  record.index = chain_->index;
  record.at = now;
  record.act = act;
  record.mac = RecordMac(chain_->key, record, chain_->previous);
  if (Status s = InsertRow(database, record); !s) {
    Invalidate();
    return s.error();
  }
  ++chain_->sequence;
  ++chain_->index;
  chain_->previous = record.mac;
  Ratchet(chain_->key);
  const std::int64_t sequence = record.sequence;
  of_work_.push_back(std::move(record));
  return sequence;
}

void AuditLog::WorkEnded(bool kept) {
  if (kept)
    of_transaction_.insert(of_transaction_.end(), std::make_move_iterator(of_work_.begin()),
                           std::make_move_iterator(of_work_.end()));
  of_work_.clear();
}

void AuditLog::TransactionEnded(bool durable) {
  if (durable)
    durable_.insert(durable_.end(), std::make_move_iterator(of_transaction_.begin()),
                    std::make_move_iterator(of_transaction_.end()));
  of_transaction_.clear();
}

std::vector<AuditRecord> AuditLog::TakeDurable() { return std::exchange(durable_, {}); }

void AuditLog::Invalidate() { chain_.reset(); }

Status AuditLog::BeginEpoch(store::Database& database) {
  Result<store::Statement> last = store::Statement::Prepare(
      database, "SELECT sequence, epoch, mac FROM audit ORDER BY sequence DESC LIMIT 1");
  if (!last) return last.error();
  Result<bool> row = last->Step();
  if (!row) return row.error();
  Chain chain{1, 1, 0, {}, {}};
  if (*row) {
    const std::span<const std::uint8_t> mac = last->Blob(2);
    if (mac.size() != chain.previous.size()) {
      return Error(ErrorCode::kCorrupt, "the newest audit record has no MAC: restore a backup");
    }
    chain.sequence = last->Int(0) + 1;
    chain.epoch = last->Int(1) + 1;
    std::copy(mac.begin(), mac.end(), chain.previous.begin());
  }
  Result<Mac> key = epoch_key_(chain.epoch);
  if (!key) return key.error();
  std::ranges::copy(*key, chain.key.ExposeForWriting().begin());
  Wipe(std::span<std::uint8_t>(*key));
  chain_ = std::move(chain);
  return Ok();
}

Result<std::vector<AuditRecord>> AuditLog::List(store::Database& database, std::string_view subject,
                                                std::optional<std::int64_t> before, int limit) {
  if (limit < 1 || limit > kMaxPage) {
    return Error(ErrorCode::kInvalidArgument,
                 "a page holds 1 to " + std::to_string(kMaxPage) + " audit records");
  }
  // The second condition on the subject lets SQLite use its partial index.
  const std::string about = subject.empty() ? "" : "subject = ?3 AND subject <> '' AND ";
  const std::string sql = std::string("SELECT ") + kRowExpressions + " FROM audit WHERE " + about +
                          "sequence < ?1 ORDER BY sequence DESC LIMIT ?2";
  Result<store::Statement> rows = store::Statement::Prepare(database, sql);
  if (!rows) return rows.error();
  rows->Bind(1, before.value_or(std::numeric_limits<std::int64_t>::max())).Bind(2, std::int64_t{limit});
  if (!subject.empty()) rows->Bind(3, subject);
  std::vector<AuditRecord> records;
  while (true) {
    Result<bool> row = rows->Step();
    if (!row) return row.error();
    if (!*row) return records;
    std::optional<AuditRecord> record = ReadRow(*rows);
    if (!record) {
      return Error(ErrorCode::kCorrupt, "audit record " + std::to_string(rows->Int(0)) +
                                            " holds what was never written: verify the audit log");
    }
    records.push_back(std::move(*record));
  }
}

}  // namespace claviger::audit
