// The schema: numbered steps that only go forward, and the check that a file has exactly what they make.
#pragma once

#include "base/result.h"
#include "daemon/store/database.h"

namespace claviger::store {

// The version that this program reads and writes; in the file it is PRAGMA user_version.
inline constexpr int kSchemaVersion = 5;

// Brings `database` to kSchemaVersion, all missing steps in one transaction. True if steps were missing: the
// connection then has to be made anew, since a step may have changed how a table is defined behind its back.
// kUnsupported if the database has a newer version; kCorrupt if it has tables but no version.
Result<bool> Migrate(Database& database);

// kCorrupt, naming the object, if a table, index, view or trigger is missing, was added, or is defined
// otherwise than the migrations define it.
Status CheckSchema(Database& database);

}  // namespace claviger::store
