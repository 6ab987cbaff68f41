// What one durable row costs on this disk: appends rows of some 300 bytes to an encrypted table, one per
// commit, and waits for each to be on the disk. The database has the settings of Claviger's own.
//
//     append_rows FOLDER SECONDS        prints {"rows": N, "per_second": N, "p50_us": N}
#include <sqlcipher/sqlite3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/bench/ending.h"

namespace claviger::bench {
namespace {

constexpr int kRowBytes = 280;
constexpr std::array kSettings = {
    "PRAGMA cipher_page_size = 4096",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cell_size_check = ON",
    "PRAGMA cache_size = -65536",
    "CREATE TABLE row (ref INTEGER PRIMARY KEY, at INTEGER NOT NULL, content BLOB NOT NULL)",
};

void Check(sqlite3* database, int code, const char* what) {
  if (code != SQLITE_OK && code != SQLITE_DONE) End(std::string(what) + ": " + sqlite3_errmsg(database));
}

void Append(sqlite3* database, double seconds) {
  using Clock = std::chrono::steady_clock;
  sqlite3_stmt* insert = nullptr;
  Check(database,
        sqlite3_prepare_v2(database, "INSERT INTO row (at, content) VALUES (?, ?)", -1, &insert, nullptr),
        "cannot prepare");
  std::vector<unsigned char> content(kRowBytes);
  std::vector<double> took;
  const Clock::time_point began = Clock::now();
  Clock::time_point now = began;
  while (std::chrono::duration<double>(now - began).count() < seconds) {
    sqlite3_randomness(kRowBytes, content.data());
    Check(database, sqlite3_bind_int64(insert, 1, static_cast<sqlite3_int64>(took.size())), "cannot bind");
    Check(database, sqlite3_bind_blob(insert, 2, content.data(), kRowBytes, SQLITE_STATIC), "cannot bind");
    Check(database, sqlite3_step(insert), "cannot append");  // a transaction of its own
    Check(database, sqlite3_reset(insert), "cannot append");
    const Clock::time_point done = Clock::now();
    took.push_back(std::chrono::duration<double, std::micro>(done - now).count());
    now = done;
  }
  sqlite3_finalize(insert);
  const double rate = static_cast<double>(took.size()) / std::chrono::duration<double>(now - began).count();
  std::nth_element(took.begin(), took.begin() + static_cast<std::ptrdiff_t>(took.size() / 2), took.end());
  std::printf("{\"rows\": %zu, \"per_second\": %.1f, \"p50_us\": %.1f}\n", took.size(), rate,
              took[took.size() / 2]);
}

void Run(const std::string& folder, double seconds) {
  const std::string path = folder + "/rows.db";
  for (const char* suffix : {"", "-wal"}) std::remove((path + suffix).c_str());
  sqlite3* database = nullptr;
  Check(database, sqlite3_open(path.c_str(), &database), "cannot open");
  std::array<unsigned char, 32> key;
  sqlite3_randomness(key.size(), key.data());
  std::string text = "x'";
  for (const unsigned char byte : key) {
    std::array<char, 3> digits;
    std::snprintf(digits.data(), digits.size(), "%02x", byte);
    text += digits.data();
  }
  text += "'";
  Check(database, sqlite3_key(database, text.data(), static_cast<int>(text.size())), "cannot set the key");
  for (const char* setting : kSettings)
    Check(database, sqlite3_exec(database, setting, nullptr, nullptr, nullptr), setting);
  Append(database, seconds);
  sqlite3_close(database);
}

}  // namespace
}  // namespace claviger::bench

int main(int count, char** arguments) {
  const double seconds = count == 3 ? std::atof(arguments[2]) : 0;
  if (seconds <= 0) claviger::bench::End("usage: append_rows FOLDER SECONDS");
  claviger::bench::Run(arguments[1], seconds);
  return 0;
}
