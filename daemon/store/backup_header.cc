#include "daemon/store/backup_header.h"

#include <algorithm>
#include <charconv>
#include <span>

#include "base/hex.h"
#include "daemon/store/statement.h"

namespace claviger::store {
namespace {

constexpr std::string_view kFirstLine = "claviger backup ";
constexpr std::string_view kFormat = "1";

void AppendLine(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append(" ").append(value).append("\n");
}

void AppendLine(std::string& text, std::string_view name, std::int64_t value) {
  AppendLine(text, name, std::to_string(value));
}

// Takes the lines of a header, in order.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  // The value of the next line, which must be called `name`.
  std::string_view Take(std::string_view name) {
    if (!NextIs(name)) {
      good_ = false;
      return {};
    }
    const std::size_t end = rest_.find('\n');
    const std::string_view value = rest_.substr(name.size() + 1, end - name.size() - 1);
    rest_.remove_prefix(end + 1);
    return value;
  }
  std::int64_t TakeNumber(std::string_view name) {
    const std::string_view value = Take(name);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size() || number < 0) good_ = false;
    return number;
  }
  bool NextIs(std::string_view name) const {
    return rest_.starts_with(name) && rest_.substr(name.size()).starts_with(' ') &&
           rest_.find('\n') != std::string_view::npos;
  }
  void Demand(bool condition) { good_ = good_ && condition; }
  // Nothing was wrong, and the empty line is next.
  bool EndsWell() const { return good_ && rest_.starts_with('\n'); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

Error NoBackup() {
  return Error(ErrorCode::kCorrupt, "the file is no backup of claviger, or it was changed: take another");
}

Result<std::int64_t> ReadNumber(Database& database, std::string_view sql) {
  Result<Statement> statement = Statement::Prepare(database, sql);
  if (!statement) return statement.error();
  Result<bool> row = statement->Step();
  if (!row) return row.error();
  return *row ? statement->Int(0) : 0;
}

}  // namespace

Result<Mac> AuditMacAt(Database& database, std::int64_t sequence) {
  Result<Statement> read = Statement::Prepare(database, "SELECT mac FROM audit WHERE sequence = ?1");
  if (!read) return read.error();
  read->Bind(1, sequence);
  Result<bool> row = read->Step();
  if (!row) return row.error();
  Mac mac{};
  if (!*row) return mac;
  const std::span<const std::uint8_t> bytes = read->Blob(0);
  if (bytes.size() != mac.size()) {
    return Error(ErrorCode::kCorrupt, "an audit record has no MAC: restore an older backup");
  }
  std::copy(bytes.begin(), bytes.end(), mac.begin());
  return mac;
}

Result<DatabaseSummary> Summarise(Database& database) {
  DatabaseSummary summary;
  const auto read = [&database](std::string_view sql, std::int64_t& into) -> Status {
    const Result<std::int64_t> number = ReadNumber(database, sql);
    if (!number) return number.error();
    into = *number;
    return Ok();
  };
  if (Status s = read("PRAGMA user_version", summary.schema); !s) return s.error();
  if (Status s = read("SELECT count(*) FROM key", summary.keys); !s) return s.error();
  if (Status s = read("SELECT max(sequence) FROM audit", summary.audit_records); !s) return s.error();
  const Result<Mac> head = AuditMacAt(database, summary.audit_records);
  if (!head) return head.error();
  summary.audit_head = *head;
  return summary;
}

Result<std::string> RenderBackupHeader(const BackupHeader& header) {
  std::string text(kFirstLine);
  text.append(kFormat).append("\n");
  AppendLine(text, "made_at", FormatTime(header.made_at));
  AppendLine(text, "installation", header.installation);
  for (const std::string& serial : header.serials) AppendLine(text, "serial", serial);
  for (const TokenPurpose purpose : kTokenPurposes) {
    AppendLine(text, "check_" + std::string(TokenPurposeName(purpose)),
               header.check_values[static_cast<std::size_t>(purpose)]);
  }
  AppendLine(text, "schema", header.content.schema);
  AppendLine(text, "keys", header.content.keys);
  AppendLine(text, "audit_records", header.content.audit_records);
  AppendLine(text, "audit_head", ToHex(header.content.audit_head));
  AppendLine(text, "nonce", ToHex(header.nonce));
  AppendLine(text, "database_bytes", header.database_bytes);
  text.append("\n");
  if (text.size() > kMaxBackupHeaderBytes || header.serials.size() > kMaxBackupSerials) {
    return Error(ErrorCode::kLimitExceeded, "the head of a backup has at most 4096 bytes and 16 serials");
  }
  return text;
}

Result<BackupHeader> ParseBackupHeader(std::string_view text) {
  if (!text.starts_with(kFirstLine)) return NoBackup();
  text = text.substr(0, kMaxBackupHeaderBytes);
  Lines lines(text);
  BackupHeader header;
  if (lines.Take("claviger backup") != kFormat) {
    return Error(ErrorCode::kUnsupported,
                 "the backup has a format that this program does not know: use the newer one that made it");
  }
  const Result<UnixSeconds> made_at = ParseTime(lines.Take("made_at"));
  if (!made_at) return NoBackup();
  header.made_at = *made_at;
  header.installation = lines.Take("installation");
  while (lines.NextIs("serial") && header.serials.size() < kMaxBackupSerials) {
    header.serials.emplace_back(lines.Take("serial"));
  }
  for (const TokenPurpose purpose : kTokenPurposes) {
    header.check_values[static_cast<std::size_t>(purpose)] =
        lines.Take("check_" + std::string(TokenPurposeName(purpose)));
  }
  header.content.schema = lines.TakeNumber("schema");
  header.content.keys = lines.TakeNumber("keys");
  header.content.audit_records = lines.TakeNumber("audit_records");
  lines.Demand(FromHex(lines.Take("audit_head"), header.content.audit_head));
  lines.Demand(FromHex(lines.Take("nonce"), header.nonce));
  header.database_bytes = lines.TakeNumber("database_bytes");
  if (!lines.EndsWell() || header.serials.empty()) return NoBackup();
  // What reads the same must be the same bytes.
  const Result<std::string> again = RenderBackupHeader(header);
  if (!again || !text.starts_with(*again)) return NoBackup();
  return header;
}

}  // namespace claviger::store
