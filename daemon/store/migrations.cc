#include "daemon/store/migrations.h"

#include <array>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "daemon/store/statement.h"

namespace claviger::store {
namespace {

// Rows are appended: `ref` and `sequence` grow by one, key ids sort by age. Times are seconds since 1970,
// UTC.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE key (
  ref INTEGER PRIMARY KEY,
  key_id BLOB NOT NULL UNIQUE CHECK (length(key_id) = 12),
  version INTEGER NOT NULL CHECK (version >= 1),
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  owner TEXT NOT NULL,
  team TEXT NOT NULL,
  creator TEXT NOT NULL,
  created INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  scopes TEXT NOT NULL,           -- separated by one space
  unscoped INTEGER NOT NULL CHECK (unscoped IN (0, 1)),
  unscoped_reason TEXT NOT NULL,
  state INTEGER NOT NULL CHECK (state IN (1, 2, 3)),
  revoked_at INTEGER,
  end_reason TEXT NOT NULL,
  generation INTEGER NOT NULL CHECK (generation >= 1),  -- the current one
  generations INTEGER NOT NULL CHECK (generations IN (1, 2)),  -- how many the record holds
  mac BLOB NOT NULL CHECK (length(mac) = 32)
);
CREATE TABLE key_generation (
  key_ref INTEGER NOT NULL REFERENCES key (ref),
  number INTEGER NOT NULL CHECK (number >= 1),
  verifier BLOB NOT NULL CHECK (length(verifier) = 32),
  created INTEGER NOT NULL,
  ends INTEGER,
  PRIMARY KEY (key_ref, number)
) WITHOUT ROWID;
CREATE TABLE usage (
  key_ref INTEGER PRIMARY KEY REFERENCES key (ref),
  first_used INTEGER,
  last_used INTEGER,
  last_uid INTEGER NOT NULL,
  uses INTEGER NOT NULL,
  denials INTEGER NOT NULL
);
CREATE TABLE meta (
  name TEXT NOT NULL PRIMARY KEY,
  value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO meta (name, value) VALUES ('high_water', 0);
CREATE TABLE request (
  creator TEXT NOT NULL,
  request_id TEXT NOT NULL,
  key_id BLOB NOT NULL CHECK (length(key_id) = 12),
  at INTEGER NOT NULL,
  PRIMARY KEY (creator, request_id)
) WITHOUT ROWID;
CREATE TABLE audit (
  sequence INTEGER PRIMARY KEY,
  epoch INTEGER NOT NULL,
  position INTEGER NOT NULL,      -- in its epoch, from 0
  at INTEGER NOT NULL,
  user TEXT NOT NULL,
  uid INTEGER NOT NULL,
  gid INTEGER NOT NULL,
  pid INTEGER NOT NULL,
  unit TEXT NOT NULL,
  command TEXT NOT NULL,
  name TEXT NOT NULL,
  subject TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  mac BLOB NOT NULL CHECK (length(mac) = 32)
);
CREATE INDEX audit_by_subject ON audit (subject, sequence) WHERE subject <> '';
)sql";

// `key_listing` is a short copy of each row in the same order, which lists read in place of the table: its
// pages are a fifth as many. It grows at its end, as the table does. The columns of `usage` that begin with
// "last_deni" are NULL for denials that were counted before they were there.
constexpr const char* kVersion2 = R"sql(
ALTER TABLE key ADD COLUMN bundles TEXT NOT NULL DEFAULT '';  -- separated by one space
ALTER TABLE key ADD COLUMN replaces BLOB CHECK (length(replaces) = 12);
ALTER TABLE key ADD COLUMN paused_by TEXT NOT NULL DEFAULT '';
CREATE INDEX key_listing ON key (
  ref, created, not_before, expires, unscoped, state, name, owner, creator, team
);
CREATE INDEX key_by_replaced ON key (replaces) WHERE replaces IS NOT NULL;
ALTER TABLE key_generation ADD COLUMN until_used INTEGER NOT NULL DEFAULT 0 CHECK (until_used IN (0, 1));
ALTER TABLE usage ADD COLUMN last_denied INTEGER;
ALTER TABLE usage ADD COLUMN last_denied_uid INTEGER;
ALTER TABLE usage ADD COLUMN last_denial TEXT;
ALTER TABLE usage ADD COLUMN ended_secret_presented INTEGER;
ALTER TABLE usage ADD COLUMN ended_generation INTEGER;
CREATE TABLE usage_caller (
  key_ref INTEGER NOT NULL REFERENCES key (ref),
  generation INTEGER NOT NULL CHECK (generation >= 1),
  uid INTEGER NOT NULL,
  unit TEXT NOT NULL,
  first_used INTEGER NOT NULL,
  last_used INTEGER NOT NULL,
  uses INTEGER NOT NULL,
  PRIMARY KEY (key_ref, generation, uid, unit)
) WITHOUT ROWID;
CREATE TABLE usage_scope (
  key_ref INTEGER NOT NULL REFERENCES key (ref),
  scope TEXT NOT NULL,
  last_asked INTEGER NOT NULL,
  PRIMARY KEY (key_ref, scope)
) WITHOUT ROWID;
CREATE TABLE notice (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice
  at INTEGER NOT NULL,
  event TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE TABLE announcement (
  key_ref INTEGER NOT NULL REFERENCES key (ref),
  expires INTEGER NOT NULL,
  step INTEGER NOT NULL,
  PRIMARY KEY (key_ref, expires, step)
) WITHOUT ROWID;
CREATE INDEX request_by_age ON request (at);
)sql";

// Of each credential of a unit, the key that it got last, also once that has been purged.
constexpr const char* kVersion3 = R"sql(
CREATE TABLE unit_key (
  unit TEXT NOT NULL,
  credential TEXT NOT NULL,
  key_id BLOB NOT NULL CHECK (length(key_id) = 12),
  control_group TEXT NOT NULL,    -- '' unless the key ends with the unit
  PRIMARY KEY (unit, credential)
) WITHOUT ROWID;
CREATE INDEX unit_key_ending ON unit_key (control_group) WHERE control_group <> '';
)sql";

// The number of keys is kept beside them: with many, counting takes seconds.
constexpr const char* kVersion4 = R"sql(
INSERT INTO meta (name, value) SELECT 'keys', count(*) FROM key;
)sql";

// Both make an inserted key cheaper. SQLite makes a table of a list of three for every row that it checks
// against it. And what is kept beside the keys is no longer their number, which every new one changes, but
// how many of the refs from 1 to the last one name no key, which only a removal changes. No ALTER TABLE
// changes a CHECK; rewriting its text is how SQLite's documentation does it ("Making Other Kinds Of Table
// Schema Changes"). Old and new text say the same of every value, so rows need no look.
constexpr const char* kVersion5 = R"sql(
PRAGMA writable_schema = ON;
UPDATE sqlite_master SET sql = replace(sql, 'state IN (1, 2, 3)', 'state = 1 OR state = 2 OR state = 3')
  WHERE type = 'table' AND name = 'key';
PRAGMA writable_schema = OFF;
INSERT INTO meta (name, value)
  SELECT 'unused_refs', coalesce((SELECT max(ref) FROM key), 0) - value FROM meta WHERE name = 'keys';
DELETE FROM meta WHERE name = 'keys';
)sql";

// Step i brings version i to i + 1. A step that was released is never changed.
constexpr std::array<const char*, kSchemaVersion> kSteps = {kVersion1, kVersion2, kVersion3, kVersion4,
                                                            kVersion5};

Result<std::int64_t> ReadInt(Database& database, std::string_view sql) {
  Result<Statement> statement = Statement::Prepare(database, sql);
  if (!statement) return statement.error();
  Result<bool> row = statement->Step();
  if (!row) return row.error();
  return *row ? statement->Int(0) : 0;
}

Status RunSteps(Database& database, std::size_t first) {
  for (std::size_t step = first; step < kSteps.size(); ++step) {
    if (Status s = database.Execute(kSteps[step]); !s) return s;
  }
  return database.Execute(("PRAGMA user_version = " + std::to_string(kSchemaVersion) + "; COMMIT").c_str());
}

using SchemaName = std::pair<std::string, std::string>;        // type, name
using SchemaDefinition = std::pair<std::string, std::string>;  // table, SQL

Result<std::map<SchemaName, SchemaDefinition>> ReadSchema(Database& database) {
  Result<Statement> rows =
      Statement::Prepare(database, "SELECT type, name, tbl_name, sql FROM sqlite_master");
  if (!rows) return rows.error();
  std::map<SchemaName, SchemaDefinition> schema;
  while (true) {
    Result<bool> row = rows->Step();
    if (!row) return row.error();
    if (!*row) return schema;
    schema[{rows->Text(0), rows->Text(1)}] = {rows->Text(2), rows->Text(3)};
  }
}

Error SchemaError(const SchemaName& name, std::string_view what) {
  return Error(ErrorCode::kCorrupt, "the database's " + name.first + " \"" + name.second + "\" " +
                                        std::string(what) +
                                        ": restore a backup, this file was changed by something else");
}

}  // namespace

Result<bool> Migrate(Database& database) {
  Result<std::int64_t> version = ReadInt(database, "PRAGMA user_version");
  if (!version) return version.error();
  if (*version == kSchemaVersion) return false;
  if (*version < 0 || *version > kSchemaVersion) {
    return Error(ErrorCode::kUnsupported, "the database has schema version " + std::to_string(*version) +
                                              ", this program knows " + std::to_string(kSchemaVersion) +
                                              ": start the newer program that made it");
  }
  Result<std::int64_t> objects = ReadInt(database, "SELECT count(*) FROM sqlite_master");
  if (!objects) return objects.error();
  if (*version == 0 && *objects != 0) {
    return Error(ErrorCode::kCorrupt, "the database has tables but no schema version: restore a backup");
  }
  if (Status s = database.Execute("BEGIN IMMEDIATE"); !s) return s.error();
  Status done = RunSteps(database, static_cast<std::size_t>(*version));
  if (!done) {
    // The step's error is the one to report; a failing ROLLBACK leaves nothing to do but to close, which
    // follows.
    static_cast<void>(database.Execute("ROLLBACK"));
    return done.error();
  }
  return true;
}

Status CheckSchema(Database& database) {
  Result<std::unique_ptr<Database>> fresh = Database::OpenInMemory();
  if (!fresh) return fresh.error();
  if (const auto made = Migrate(**fresh); !made) return made.error();
  auto expected = ReadSchema(**fresh);
  if (!expected) return expected.error();
  auto actual = ReadSchema(database);
  if (!actual) return actual.error();
  for (const auto& [name, definition] : *expected) {
    const auto found = actual->find(name);
    if (found == actual->end()) return SchemaError(name, "is missing");
    if (found->second != definition) return SchemaError(name, "is not defined as it should be");
  }
  for (const auto& [name, definition] : *actual) {
    if (!expected->contains(name)) return SchemaError(name, "should not be there");
  }
  return Ok();
}

}  // namespace claviger::store
