#include "daemon/audit/audit_row.h"

#include <algorithm>
#include <string>

#include "daemon/store/statement_cache.h"

namespace claviger::audit {

const char* const kRowExpressions =
    "sequence, epoch, position, at, user, uid, gid, pid, unit, command, name, subject, before, after, mac, "
    "typeof(epoch) = 'integer' AND typeof(position) = 'integer' AND typeof(at) = 'integer' AND "
    "typeof(pid) = 'integer' AND typeof(uid) = 'integer' AND uid BETWEEN 0 AND 4294967295 AND "
    "typeof(gid) = 'integer' AND gid BETWEEN 0 AND 4294967295 AND typeof(user) = 'text' AND "
    "typeof(unit) = 'text' AND typeof(command) = 'text' AND typeof(name) = 'text' AND "
    "typeof(subject) = 'text' AND typeof(before) = 'text' AND typeof(after) = 'text' AND "
    "typeof(mac) = 'blob'";

std::optional<AuditRecord> ReadRow(const store::Statement& row) {
  AuditRecord record;
  const std::span<const std::uint8_t> mac = row.Blob(14);
  if (mac.size() != record.mac.size() || row.Int(15) != 1) return std::nullopt;
  std::copy(mac.begin(), mac.end(), record.mac.begin());
  record.sequence = row.Int(0);
  record.epoch = row.Int(1);
  record.index = row.Int(2);
  record.at = row.Int(3);
  Act& act = record.act;
  act.actor.user = row.Text(4);
  act.actor.uid = static_cast<std::uint32_t>(row.Int(5));
  act.actor.gid = static_cast<std::uint32_t>(row.Int(6));
  act.actor.pid = row.Int(7);
  act.actor.unit = row.Text(8);
  act.actor.command = row.Text(9);
  act.name = row.Text(10);
  act.subject = row.Text(11);
  act.before = row.Text(12);
  act.after = row.Text(13);
  return record;
}

Status InsertRow(store::Database& database, const AuditRecord& record) {
  static const std::string kInsert =
      "INSERT INTO audit (sequence, epoch, position, at, user, uid, gid, pid, unit, command, name, subject, "
      "before, after, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
  Result<store::Statement*> insert = database.statements().Get(kInsert);
  if (!insert) return insert.error();
  const Act& act = record.act;
  return (*insert)
      ->Bind(1, record.sequence)
      .Bind(2, record.epoch)
      .Bind(3, record.index)
      .Bind(4, record.at)
      .Bind(5, act.actor.user)
      .Bind(6, std::int64_t{act.actor.uid})
      .Bind(7, std::int64_t{act.actor.gid})
      .Bind(8, act.actor.pid)
      .Bind(9, act.actor.unit)
      .Bind(10, act.actor.command)
      .Bind(11, act.name)
      .Bind(12, act.subject)
      .Bind(13, act.before)
      .Bind(14, act.after)
      .Bind(15, record.mac)
      .Run();
}

}  // namespace claviger::audit
