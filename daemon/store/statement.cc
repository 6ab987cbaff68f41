#include "daemon/store/statement.h"

#include <sqlcipher/sqlite3.h>

#include <utility>

#include "daemon/store/sqlite_error.h"

namespace claviger::store {

Result<Statement> Statement::Prepare(Database& database, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v2(database.handle(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) return database.LastError("preparing a statement");
  return Statement(database, statement);
}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      bind_error_(other.bind_error_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  if (this != &other) {
    sqlite3_finalize(statement_);
    database_ = other.database_;
    statement_ = std::exchange(other.statement_, nullptr);
    bind_error_ = other.bind_error_;
  }
  return *this;
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::Bind(int index, std::int64_t value) {
  const int code = sqlite3_bind_int64(statement_, index, value);
  if (code != SQLITE_OK) bind_error_ = code;
  return *this;
}

Statement& Statement::Bind(int index, std::string_view text) {
  // A null pointer would bind NULL, which is not the empty text.
  const char* data = text.data() == nullptr ? "" : text.data();
  const int code = sqlite3_bind_text64(statement_, index, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (code != SQLITE_OK) bind_error_ = code;
  return *this;
}

Statement& Statement::Bind(int index, std::span<const std::uint8_t> blob) {
  const int code = blob.empty()
                       ? sqlite3_bind_zeroblob(statement_, index, 0)
                       : sqlite3_bind_blob64(statement_, index, blob.data(), blob.size(), SQLITE_TRANSIENT);
  if (code != SQLITE_OK) bind_error_ = code;
  return *this;
}

Statement& Statement::Bind(int index, std::optional<std::int64_t> value) {
  if (value) return Bind(index, *value);
  const int code = sqlite3_bind_null(statement_, index);
  if (code != SQLITE_OK) bind_error_ = code;
  return *this;
}

Result<bool> Statement::Step() {
  if (bind_error_ != SQLITE_OK) {
    Error error = SqliteError(bind_error_, "binding a parameter", sqlite3_errstr(bind_error_), 0);
    Reset();
    return error;
  }
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    Reset();
    return false;
  }
  Error error = database_->LastError("running a statement");
  Reset();
  return error;
}

Status Statement::Run() {
  Result<bool> row = Step();
  if (!row) return row.error();
  Reset();
  return Ok();
}

void Statement::Reset() {
  // Its result repeats that of the last step, which was reported.
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  bind_error_ = SQLITE_OK;
}

std::int64_t Statement::Int(int column) const { return sqlite3_column_int64(statement_, column); }

std::optional<std::int64_t> Statement::OptionalInt(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Int(column);
}

bool Statement::IsNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::string Statement::Text(int column) const { return std::string(TextView(column)); }

std::string_view Statement::TextView(int column) const {
  // The text first: asking for it may convert the value, and the length counts the converted one.
  const unsigned char* text = sqlite3_column_text(statement_, column);
  if (text == nullptr) return {};
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return std::string_view(reinterpret_cast<const char*>(text), size);
}

std::span<const std::uint8_t> Statement::Blob(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

void BindValues(Statement& statement, std::span<const SqlValue> values) {
  int index = 0;
  for (const SqlValue& value : values) {
    std::visit([&statement, &index](const auto& bound) { statement.Bind(++index, bound); }, value);
  }
}

Result<std::vector<Statement>> PrepareAll(Database& database, const std::vector<std::string>& sql) {
  std::vector<Statement> statements;
  statements.reserve(sql.size());
  for (const std::string& text : sql) {
    Result<Statement> statement = Statement::Prepare(database, text);
    if (!statement) return statement.error();
    statements.push_back(std::move(*statement));
  }
  return statements;
}

}  // namespace claviger::store
