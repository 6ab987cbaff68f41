#include <sqlcipher/sqlite3.h>

#include "daemon/store/migrations.h"
#include "tests/unit/store/key_fixture.h"

namespace claviger::store {
namespace {

using keys::KeyRecord;

// Version 1 as it was released, to the letter: such files exist.
constexpr const char* kReleasedVersion1 = R"sql(
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

std::string Hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "x'";
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text + "'";
}

std::string Quote(const std::string& text) { return "'" + text + "'"; }

std::string Number(const std::optional<std::int64_t>& number) {
  return number ? std::to_string(*number) : "NULL";
}

// The rows that version 1 wrote for `record`.
std::string RowsOf(std::int64_t ref, const KeyRecord& record) {
  std::string scopes;
  for (const std::string& scope : record.scopes) scopes += (scopes.empty() ? "" : " ") + scope;
  std::string sql = "INSERT INTO key VALUES (" + std::to_string(ref) + ", " + Hex(record.id.bytes) + ", " +
                    std::to_string(record.version) + ", " + Quote(record.name) + ", " +
                    Quote(record.description) + ", " + Quote(record.owner) + ", " + Quote(record.team) +
                    ", " + Quote(record.creator) + ", " + std::to_string(record.created) + ", " +
                    std::to_string(record.not_before) + ", " + std::to_string(record.expires) + ", " +
                    Quote(scopes) + ", " + (record.unscoped ? "1" : "0") + ", " +
                    Quote(record.unscoped_reason) + ", " + std::to_string(static_cast<int>(record.state)) +
                    ", " + Number(record.revoked_at) + ", " + Quote(record.end_reason) + ", " +
                    std::to_string(record.current().number) + ", " +
                    std::to_string(record.generations.size()) + ", " + Hex(record.mac) + ");";
  for (const keys::Generation& generation : record.generations) {
    sql += "INSERT INTO key_generation VALUES (" + std::to_string(ref) + ", " +
           std::to_string(generation.number) + ", " + Hex(generation.verifier) + ", " +
           std::to_string(generation.created) + ", " + Number(generation.ends) + ");";
  }
  return sql;
}

std::vector<KeyRecord> OldRecords() {
  std::vector<KeyRecord> records = {SampleRecord(1), SampleRecord(2), SampleRecord(3), SampleRecord(4)};
  records[1].generations = {SampleGeneration(3), SampleGeneration(4)};
  records[1].generations[0].ends = 1700005000;
  records[1].version = 7;
  records[1].description = "Büro";
  records[1].team = "ops";
  records[2].scopes.clear();
  records[2].unscoped = true;
  records[2].unscoped_reason = "break glass";
  records[2].state = keys::RecordState::kPaused;
  records[3].state = keys::RecordState::kRevoked;
  records[3].revoked_at = 1750000000;
  records[3].end_reason = "lost";
  return records;
}

// A file as version 1 left it.
void WriteVersion1(const std::string& path, const std::string& rows) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  const std::string key = Hex(std::vector<std::uint8_t>(kDatabaseKeyBytes, 0x5a));
  ASSERT_EQ(sqlite3_key_v2(handle, "main", key.data(), static_cast<int>(key.size())), SQLITE_OK);
  if (sqlite3_libversion_number() >= 3030000) {
    ASSERT_EQ(sqlite3_exec(handle, "PRAGMA cipher_compatibility = 3", nullptr, nullptr, nullptr), SQLITE_OK);
  }
  const std::string sql = std::string("PRAGMA cipher_page_size = 4096; PRAGMA journal_mode = WAL; BEGIN;") +
                          kReleasedVersion1 + rows + "PRAGMA user_version = 1; COMMIT;";
  char* message = nullptr;
  ASSERT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
  ASSERT_EQ(sqlite3_close(handle), SQLITE_OK);
}

class MigrationTest : public KeyTablesTest {
 protected:
  void SetUp() override {
    std::string rows;
    std::int64_t ref = 0;
    for (const KeyRecord& record : OldRecords()) rows += RowsOf(++ref, record);
    rows +=
        "INSERT INTO usage VALUES (1, 1700000010, 1700000020, 1001, 7, 3);"
        "INSERT INTO usage VALUES (2, NULL, NULL, 0, 0, 5);"
        "UPDATE meta SET value = 1700000099;"
        "INSERT INTO request VALUES ('bob', 'r1', x'000000020000000000000007', 1700000000);";
    WriteVersion1(folder_.File("db"), rows);
    KeyTablesTest::SetUp();
  }
};

TEST_F(MigrationTest, EveryOldRecordReadsBackWithTheBytesThatItsMacCovers) {
  EXPECT_EQ(QueryInt(*database_, "PRAGMA user_version"), kSchemaVersion);
  std::int64_t ref = 0;
  for (const KeyRecord& record : OldRecords()) {
    Result<std::optional<KeyRecord>> found = keys_->Find(record.id);
    ASSERT_TRUE(found && *found);
    EXPECT_EQ(**found, record);
    EXPECT_EQ(keys::CanonicalRecord(**found), keys::CanonicalRecord(record));
    const std::vector<std::int64_t> refs = {++ref};
    ASSERT_EQ(keys_->Read(refs).value().size(), 1U);
    EXPECT_EQ(keys_->Read(refs).value()[0].record, record);
  }
}

TEST_F(MigrationTest, OldUsageIsKeptAndGoesOn) {
  Usage used = usage_->Find(SampleId(1)).value().value();
  EXPECT_EQ(used.first_used, 1700000010);
  EXPECT_EQ(used.last_used, 1700000020);
  EXPECT_EQ(used.last_uid, 1001U);
  EXPECT_EQ(used.uses, 7);
  EXPECT_EQ(used.denials, 3);
  EXPECT_EQ(used.last_denied, 0);
  EXPECT_EQ(used.last_denial, std::nullopt);
  EXPECT_EQ(used.ended_secret_presented, 0);
  Use(SampleId(1), 1700000030);
  EXPECT_EQ(usage_->Find(SampleId(1)).value()->uses, 8);
  Use(SampleId(2), 1700000030);
  EXPECT_EQ(usage_->Find(SampleId(2)).value()->first_used, 1700000030);
  EXPECT_EQ(usage_->Find(SampleId(2)).value()->denials, 5);
}

TEST_F(MigrationTest, WhatWasRememberedIsStillThere) {
  EXPECT_EQ(QueryInt(*database_, "SELECT value FROM meta WHERE name = 'high_water'"), 1700000099);
  EXPECT_EQ(QueryInt(*database_, "SELECT count(*) FROM request WHERE at = 1700000000"), 1);
}

TEST_F(MigrationTest, OldKeysAreCounted) {
  EXPECT_EQ(keys_->Count().value(), 4);
  ASSERT_TRUE(keys_->Insert(SampleRecord(5)));
  ASSERT_TRUE(keys_->Remove(SampleId(1)));
  ASSERT_TRUE(keys_->Remove(SampleId(2)));
  EXPECT_EQ(keys_->Count().value(), 3);
}

TEST_F(MigrationTest, AnInsertedKeyNeedsNoTableOfItsOwnForItsChecks) {
  Statement plan = Statement::Prepare(*database_, "EXPLAIN INSERT INTO key (state) VALUES (1)").value();
  int steps = 0;
  while (plan.Step().value()) {
    ++steps;
    EXPECT_NE(plan.Text(1), "OpenEphemeral");
  }
  EXPECT_GT(steps, 0);
}

TEST_F(MigrationTest, AStateThatDoesNotExistIsStillRefused) {
  const auto set = [this](const std::string& state) {
    return database_->Execute(("UPDATE key SET state = " + state + " WHERE ref = 1").c_str()).has_value();
  };
  for (const char* state : {"1", "2", "3"}) EXPECT_TRUE(set(state)) << state;
  for (const char* state : {"0", "4", "2.5", "'active'", "x'01'"}) EXPECT_FALSE(set(state)) << state;
}

TEST_F(MigrationTest, OldKeysAreListedAndChangedLikeNewOnes) {
  ASSERT_TRUE(keys_->Insert(SampleRecord(5)));
  KeyQuery query;
  query.sort = KeySort::kName;
  EXPECT_EQ(keys_->Search(query, {1, 10}).value().size(), 5U);
  KeyRecord next = OldRecords()[1];
  ++next.version;
  next.bundles = {"read-only"};
  ASSERT_TRUE(keys_->Update(next));
  EXPECT_EQ(keys_->Find(next.id).value(), next);
}

TEST_F(MigrationTest, TheSecondOpeningFindsNothingToDo) {
  const std::int64_t schema = QueryInt(*database_, "PRAGMA schema_version");
  keys_.reset();
  usage_.reset();
  database_.reset();
  database_ = OpenSample(folder_.File("db"));
  ASSERT_NE(database_, nullptr);
  EXPECT_EQ(QueryInt(*database_, "PRAGMA schema_version"), schema);
}

}  // namespace
}  // namespace claviger::store
