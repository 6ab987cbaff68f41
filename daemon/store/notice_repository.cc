#include "daemon/store/notice_repository.h"

#include <optional>

namespace claviger::store {
namespace {

enum Sql { kAdd, kSpan, kCount, kDropOldest, kPending, kRemove, kFindKey, kAnnounce };

// In the order of enum Sql.
std::vector<std::string> MakeSql() {
  return {
      "INSERT INTO notice (at, event, body) VALUES (?1, ?2, ?3)",
      "SELECT coalesce((SELECT max(sequence) FROM notice) - (SELECT min(sequence) FROM notice) + 1, 0)",
      "SELECT count(*) FROM notice",
      "DELETE FROM notice WHERE sequence IN (SELECT sequence FROM notice ORDER BY sequence LIMIT ?1)",
      "SELECT sequence, at, event, body FROM notice ORDER BY sequence LIMIT ?1",
      "DELETE FROM notice WHERE sequence = ?1",
      "SELECT ref FROM key WHERE key_id = ?1",
      "INSERT OR IGNORE INTO announcement (key_ref, expires, step) VALUES (?1, ?2, ?3)",
  };
}

}  // namespace

Result<std::unique_ptr<NoticeRepository>> NoticeRepository::Create(Database& database) {
  Result<std::vector<Statement>> statements = PrepareAll(database, MakeSql());
  if (!statements) return statements.error();
  return std::unique_ptr<NoticeRepository>(new NoticeRepository(database, std::move(*statements)));
}

Result<std::int64_t> NoticeRepository::Add(UnixSeconds at, std::string_view event, std::string_view body) {
  if (event.size() + body.size() > kMaxNoticeBytes) {
    return Error(ErrorCode::kLimitExceeded, "a notice of " + std::to_string(body.size()) +
                                                " bytes is too long: it has at most " +
                                                std::to_string(kMaxNoticeBytes));
  }
  if (Status s = statements_[kAdd].Bind(1, at).Bind(2, event).Bind(3, body).Run(); !s) return s.error();
  const std::int64_t sequence = database_.LastInsertRow();
  if (Status s = DropOldest(); !s) return s.error();
  return sequence;
}

// Sequences without gaps between them cannot be more than they span, so counting is rare.
Status NoticeRepository::DropOldest() {
  Result<std::int64_t> span = ReadInt(kSpan);
  if (!span) return span.error();
  if (*span <= kMaxNotices) return Ok();
  Result<std::int64_t> count = ReadInt(kCount);
  if (!count) return count.error();
  if (*count <= kMaxNotices) return Ok();
  return statements_[kDropOldest].Bind(1, *count - kMaxNotices).Run();
}

Result<std::vector<Notice>> NoticeRepository::Pending(int limit) {
  Statement& read = statements_[kPending];
  const ResetOnExit reset(read);
  read.Bind(1, std::int64_t{limit < 0 ? 0 : limit});
  std::vector<Notice> notices;
  while (true) {
    Result<bool> row = read.Step();
    if (!row) return row.error();
    if (!*row) return notices;
    notices.push_back({read.Int(0), read.Int(1), read.Text(2), read.Text(3)});
  }
}

Status NoticeRepository::Remove(std::int64_t sequence) {
  return statements_[kRemove].Bind(1, sequence).Run();
}

Result<bool> NoticeRepository::MarkAnnounced(const keys::KeyId& id, UnixSeconds expires, std::int64_t step) {
  std::int64_t ref = 0;
  {
    Statement& find = statements_[kFindKey];
    const ResetOnExit reset(find);
    Result<bool> row = find.Bind(1, id.bytes).Step();
    if (!row) return row.error();
    if (!*row) return Error(ErrorCode::kNotFound, "there is no key with the id " + id.ToString());
    ref = find.Int(0);
  }
  if (Status s = statements_[kAnnounce].Bind(1, ref).Bind(2, expires).Bind(3, step).Run(); !s) {
    return s.error();
  }
  return database_.ChangedRows() == 1;
}

Result<std::int64_t> NoticeRepository::ReadInt(int sql) {
  Statement& read = statements_[static_cast<std::size_t>(sql)];
  const ResetOnExit reset(read);
  Result<bool> row = read.Step();
  if (!row) return row.error();
  return read.Int(0);
}

}  // namespace claviger::store
