// AuditLog::Verify.
#include <algorithm>
#include <string>

#include "daemon/audit/audit_log.h"
#include "daemon/audit/audit_row.h"
#include "daemon/audit/chain.h"

namespace claviger::audit {
namespace {

// Follows the chain record by record, from the first.
class Walk {
 public:
  explicit Walk(const EpochKeySource& epoch_key) : epoch_key_(epoch_key) {}

  // Looks at the record that comes next in the table. False: the chain is broken, and the check says where.
  Result<bool> Next(std::int64_t sequence, const std::optional<AuditRecord>& record);
  ChainCheck Finish() && { return std::move(check_); }

 private:
  bool Break(std::int64_t sequence, std::string reason) {
    check_.broken_at = sequence;
    check_.reason = std::move(reason);
    return false;
  }
  // Goes to the key of `record`; false if the record stands in no place where it could follow.
  Result<bool> Advance(const AuditRecord& record);

  const EpochKeySource& epoch_key_;
  ChainCheck check_;
  std::int64_t epoch_ = 0;
  std::int64_t next_index_ = 0;
  ChainKey key_;
  Mac previous_{};
};

Result<bool> Walk::Next(std::int64_t sequence, const std::optional<AuditRecord>& record) {
  const std::int64_t expected = check_.records + 1;
  if (sequence < expected) return Break(sequence, "a record stands before the first");
  if (sequence > expected) return Break(expected, "the record is missing");
  if (!record) return Break(sequence, "the record holds what was never written: it was changed");
  Result<bool> placed = Advance(*record);
  if (!placed) return placed.error();
  if (!*placed)
    return Break(sequence, "the record does not follow the one before it: it was changed, moved or inserted");
  if (!EqualInConstantTime(RecordMac(key_, *record, previous_), record->mac)) {
    return Break(sequence, "the record's MAC does not fit: it was changed, moved or inserted");
  }
  Ratchet(key_);
  previous_ = record->mac;
  ++next_index_;
  ++check_.records;
  return true;
}

Result<bool> Walk::Advance(const AuditRecord& record) {
  if (record.epoch == epoch_) return record.index == next_index_;
  if (record.epoch != epoch_ + 1 || record.index != 0) return false;
  Result<Mac> key = epoch_key_(record.epoch);
  if (!key) return key.error();
  std::ranges::copy(*key, key_.ExposeForWriting().begin());
  Wipe(std::span<std::uint8_t>(*key));
  epoch_ = record.epoch;
  next_index_ = 0;
  return true;
}

}  // namespace

Result<ChainCheck> AuditLog::Verify(store::Database& database) {
  Result<store::Statement> rows = store::Statement::Prepare(
      database, std::string("SELECT ") + kRowExpressions + " FROM audit ORDER BY sequence");
  if (!rows) return rows.error();
  Walk walk(epoch_key_);
  while (true) {
    Result<bool> row = rows->Step();
    if (!row) return row.error();
    if (!*row) break;
    Result<bool> whole = walk.Next(rows->Int(0), ReadRow(*rows));
    if (!whole) return whole.error();
    if (!*whole) break;
  }
  return std::move(walk).Finish();
}

}  // namespace claviger::audit
