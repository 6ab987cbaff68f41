#include "daemon/api/restore_comparison.h"

#include <algorithm>
#include <vector>

namespace claviger::api {
namespace {

// The keys in the places `next` and on, as many as a step has; `next` goes on. True: no more are there.
Result<bool> ReadNext(store::Tables& tables, std::int64_t& next, std::vector<store::ListedKey>& keys) {
  const auto last = tables.keys.LastRef();
  if (!last) return last.error();
  std::vector<std::int64_t> refs;
  for (; next <= *last && std::ssize(refs) < store::KeyRepository::kWalkStep; ++next) refs.push_back(next);
  auto read = tables.keys.Read(refs);
  if (!read) return read.error();
  keys = std::move(*read);
  return next > *last;
}

}  // namespace

Result<bool> ContinuesFrom(store::Tables& today, const store::DatabaseSummary& backup) {
  if (backup.audit_records == 0) return false;
  const auto mac = store::AuditMacAt(today.database, backup.audit_records);
  if (!mac) return mac.error();
  return *mac == backup.audit_head;
}

Result<bool> RestoreComparison::Step(store::Tables* today) {
  if (backup_done_) return today == nullptr ? Result<bool>(true) : StepOverToday(*today);
  const auto done = StepOverBackup(today);
  if (!done) return done.error();
  if (*done) {
    backup_done_ = true;
    next_ = 1;
  }
  return false;
}

Result<bool> RestoreComparison::StepOverBackup(store::Tables* today) {
  std::vector<store::ListedKey> keys;
  auto done = ReadNext(backup_, next_, keys);
  if (!done) return done.error();
  for (const store::ListedKey& key : keys) {
    std::optional<keys::KeyRecord> found;
    if (today != nullptr) {
      auto record = today->keys.Find(key.record.id);
      if (!record) return record.error();
      found = std::move(*record);
    }
    const keys::KeyRecord* const of_today = found ? &*found : nullptr;
    if (Status s = sink_(&key.record, of_today, FateOf(&key.record, of_today, known_)); !s) return s.error();
  }
  return done;
}

Result<bool> RestoreComparison::StepOverToday(store::Tables& today) {
  std::vector<store::ListedKey> keys;
  auto done = ReadNext(today, next_, keys);
  if (!done) return done.error();
  for (const store::ListedKey& key : keys) {
    const auto known = backup_.keys.Find(key.record.id);
    if (!known) return known.error();
    if (*known) continue;
    if (Status s = sink_(nullptr, &key.record, FateOf(nullptr, &key.record, known_)); !s) return s.error();
  }
  return done;
}

}  // namespace claviger::api
