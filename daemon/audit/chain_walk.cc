#include "daemon/audit/chain_walk.h"

#include <algorithm>
#include <utility>

#include "daemon/audit/audit_row.h"

namespace claviger::audit {
namespace {

Checkpoint PlaceOf(const AuditRecord& record) {
  Checkpoint place;
  place.sequence = record.sequence;
  place.epoch = record.epoch;
  place.index = record.index;
  place.at = record.at;
  place.head = record.mac;
  return place;
}

bool SamePlace(const Checkpoint& checkpoint, const AuditRecord& record) {
  return checkpoint.epoch == record.epoch && checkpoint.index == record.index &&
         checkpoint.head == record.mac;
}

}  // namespace

ChainWalk::ChainWalk(EpochKeySource epoch_key, std::vector<Checkpoint> checkpoints)
    : epoch_key_(std::move(epoch_key)), checkpoints_(std::move(checkpoints)) {}

ChainWalk::ChainWalk(EpochKeySource epoch_key, const Checkpoint& begin)
    : epoch_key_(std::move(epoch_key)), begin_(begin) {}

Result<bool> ChainWalk::Step(store::Database& database) {
  if (begin_) return LookAtBeginning(database);
  if (keys_to_skip_ > 0) {
    const std::int64_t now = std::min(keys_to_skip_, std::int64_t{kKeyStep});
    for (std::int64_t i = 0; i < now; ++i) Ratchet(key_);
    keys_to_skip_ -= now;
    return false;
  }
  auto rows = store::Statement::Prepare(database, std::string("SELECT ") + kRowExpressions +
                                                      " FROM audit WHERE sequence >= ?1 ORDER BY sequence "
                                                      "LIMIT ?2");
  if (!rows) return rows.error();
  rows->Bind(1, from_).Bind(2, std::int64_t{kStep});
  for (std::size_t i = 0; i < kStep; ++i) {
    const Result<bool> row = rows->Step();
    if (!row) return row.error();
    if (!*row) {
      ReachesCheckpoints();
      return true;
    }
    const Result<bool> whole = Next(rows->Int(0), ReadRow(*rows));
    if (!whole) return whole.error();
    if (!*whole) return true;
  }
  from_ = last_.sequence + 1;
  return false;
}

Result<bool> ChainWalk::LookAtBeginning(store::Database& database) {
  const Checkpoint begin = *std::exchange(begin_, std::nullopt);
  auto rows = store::Statement::Prepare(
      database, std::string("SELECT ") + kRowExpressions + " FROM audit WHERE sequence = ?1");
  if (!rows) return rows.error();
  const Result<bool> row = rows->Bind(1, begin.sequence).Step();
  if (!row) return row.error();
  const std::optional<AuditRecord> record = *row ? ReadRow(*rows) : std::nullopt;
  if (!record || !SamePlace(begin, *record)) {
    Break(begin.sequence,
          *row ? "the record is another than at the checkpoint of " + FormatTime(begin.at)
               : "the record, which the checkpoint of " + FormatTime(begin.at) + " has seen, is missing");
    return true;
  }
  if (Status begun = BeginEpoch(begin.epoch); !begun) return begun.error();
  last_ = PlaceOf(*record);
  next_index_ = begin.index + 1;
  from_ = begin.sequence + 1;
  const auto same_epoch = SameEpochFollows(database);
  if (!same_epoch) return same_epoch.error();
  keys_to_skip_ = *same_epoch ? next_index_ : 0;
  return false;
}

Result<bool> ChainWalk::SameEpochFollows(store::Database& database) const {
  auto rows = store::Statement::Prepare(database, "SELECT epoch FROM audit WHERE sequence = ?1");
  if (!rows) return rows.error();
  const Result<bool> row = rows->Bind(1, from_).Step();
  if (!row) return row.error();
  // What is appended while the walk is under way may be of this epoch as well.
  return !*row || rows->Int(0) == last_.epoch;
}

Result<bool> ChainWalk::Next(std::int64_t sequence, const std::optional<AuditRecord>& record) {
  const std::int64_t expected = last_.sequence + 1;
  if (sequence < expected) return Break(sequence, "a record stands before the first");
  if (sequence > expected) return Break(expected, "the record is missing");
  if (!record) return Break(sequence, "the record holds what was never written: it was changed");
  const Result<bool> placed = Advance(*record);
  if (!placed) return placed.error();
  if (!*placed)
    return Break(sequence, "the record does not follow the one before it: it was changed, moved or inserted");
  if (!EqualInConstantTime(RecordMac(key_, *record, last_.head), record->mac)) {
    return Break(sequence, "the record's MAC does not fit: it was changed, moved or inserted");
  }
  if (!MatchesCheckpoints(*record)) return false;
  Ratchet(key_);
  last_ = PlaceOf(*record);
  ++next_index_;
  ++check_.records;
  return true;
}

Result<bool> ChainWalk::Advance(const AuditRecord& record) {
  if (record.epoch == last_.epoch) return record.index == next_index_;
  if (record.epoch != last_.epoch + 1 || record.index != 0) return false;
  if (Status begun = BeginEpoch(record.epoch); !begun) return begun.error();
  next_index_ = 0;
  return true;
}

Status ChainWalk::BeginEpoch(std::int64_t epoch) {
  Result<Mac> key = epoch_key_(epoch);
  if (!key) return key.error();
  std::ranges::copy(*key, key_.ExposeForWriting().begin());
  Wipe(std::span<std::uint8_t>(*key));
  return Ok();
}

bool ChainWalk::MatchesCheckpoints(const AuditRecord& record) {
  for (; next_checkpoint_ < checkpoints_.size(); ++next_checkpoint_) {
    const Checkpoint& checkpoint = checkpoints_[next_checkpoint_];
    if (checkpoint.sequence > record.sequence) return true;
    if (checkpoint.sequence < record.sequence || SamePlace(checkpoint, record)) continue;
    return Break(record.sequence, "the record is another than at the checkpoint of " +
                                      FormatTime(checkpoint.at) +
                                      ": it, or one before it, was replaced by who can use the token");
  }
  return true;
}

bool ChainWalk::ReachesCheckpoints() {
  if (checkpoints_.empty() || checkpoints_.back().sequence <= last_.sequence) return true;
  const Checkpoint& checkpoint = checkpoints_.back();
  return Break(last_.sequence + 1, "the records from here on are missing: the checkpoint of " +
                                       FormatTime(checkpoint.at) + " has seen " +
                                       std::to_string(checkpoint.sequence));
}

bool ChainWalk::Break(std::int64_t sequence, std::string reason) {
  check_.broken_at = sequence;
  check_.reason = std::move(reason);
  return false;
}

}  // namespace claviger::audit
