// One prepared SQL statement.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "daemon/store/database.h"

struct sqlite3_stmt;

namespace claviger::store {

// What can be bound to a parameter that is not known before run time.
using SqlValue = std::variant<std::int64_t, std::string>;

// Prepared when made, reused by Reset(). Thread-compatible; `database` must outlive it. Indexes of parameters
// count from 1, of columns from 0, as in SQLite.
class Statement {
 public:
  static Result<Statement> Prepare(Database& database, std::string_view sql);
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  // Bound text and blobs are copied; Reset forgets them. Binding cannot fail but for a wrong index, which
  // Step reports.
  Statement& Bind(int index, std::int64_t value);
  Statement& Bind(int index, std::string_view text);
  Statement& Bind(int index, std::span<const std::uint8_t> blob);
  Statement& Bind(int index, std::optional<std::int64_t> value);  // absent = NULL

  // True: a row is there. False: done; the statement is then reset by itself.
  Result<bool> Step();
  // Runs a statement that gives no rows, then resets it.
  Status Run();
  void Reset();

  std::int64_t Int(int column) const;
  std::optional<std::int64_t> OptionalInt(int column) const;  // NULL = nullopt
  bool IsNull(int column) const;
  std::string Text(int column) const;
  // Valid until the next Step or Reset, as what Blob gives.
  std::string_view TextView(int column) const;
  std::span<const std::uint8_t> Blob(int column) const;

 private:
  Statement(Database& database, sqlite3_stmt* statement) : database_(&database), statement_(statement) {}
  Database* database_;
  sqlite3_stmt* statement_;
  int bind_error_ = 0;
};

// Resets a statement when it goes: for queries that may be left before their last row, which would otherwise
// keep the connection's read transaction open.
class ResetOnExit {
 public:
  explicit ResetOnExit(Statement& statement) : statement_(statement) {}
  ~ResetOnExit() { statement_.Reset(); }
  ResetOnExit(const ResetOnExit&) = delete;
  ResetOnExit& operator=(const ResetOnExit&) = delete;

 private:
  Statement& statement_;
};

// Binds to the first parameters, in order.
void BindValues(Statement& statement, std::span<const SqlValue> values);

// Prepares several statements, in order.
Result<std::vector<Statement>> PrepareAll(Database& database, const std::vector<std::string>& sql);

}  // namespace claviger::store
