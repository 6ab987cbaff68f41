// A record as a row of the table `audit`.
#pragma once

#include <optional>

#include "base/result.h"
#include "daemon/audit/audit_log.h"
#include "daemon/store/statement.h"

namespace claviger::audit {

// What a query for ReadRow selects from `audit`, in its order.
extern const char* const kRowExpressions;

// The row that `row` stands on. nullopt if a column holds something that Append never writes there (another
// type, a number out of range): read as the nearest value, it would hide a change.
std::optional<AuditRecord> ReadRow(const store::Statement& row);

Status InsertRow(store::Database& database, const AuditRecord& record);

}  // namespace claviger::audit
