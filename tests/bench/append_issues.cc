// What issues cost the store by itself: writes what CreateKey leaves there, a key and the record of the act,
// some of them per commit. No token, no socket and no policy has a part in it.
//
//     append_issues FOLDER SECONDS PER_COMMIT        prints {"issues": N, "per_second": N}
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "base/crypto.h"
#include "daemon/audit/audit_log.h"
#include "daemon/store/connection.h"
#include "tests/bench/ending.h"

namespace claviger::bench {
namespace {

constexpr std::int64_t kLifetime = 30 * 86400;
constexpr std::size_t kAuditTextBytes = 400;  // of what the record of an act says of a key with one scope

keys::KeyRecord MakeRecord(std::size_t number, UnixSeconds now) {
  keys::KeyRecord record;
  record.id = keys::KeyId::Make(now);
  record.name = "key " + std::to_string(number);
  record.owner = record.creator = "bench";
  record.created = record.not_before = now;
  record.expires = now + kLifetime;
  record.scopes = {"read:policies:admin"};
  record.generations.push_back({1, Mac{}, now, std::nullopt, false});
  FillRandom(record.generations.back().verifier);
  FillRandom(record.mac);
  return record;
}

audit::Act ActOf(const keys::KeyRecord& record) {
  audit::Act act;
  act.actor = {"bench", 1000, 1000, 4242, "bench.service", "append_issues"};
  act.name = "key.create";
  act.subject = record.id.ToString();
  act.after = std::string(kAuditTextBytes, 'a');
  return act;
}

void Run(const std::string& folder, double seconds, std::size_t per_commit) {
  using Clock = std::chrono::steady_clock;
  const std::string path = folder + "/issues.db";
  for (const char* suffix : {"", "-wal"}) std::remove((path + suffix).c_str());
  const auto connection =
      Need(store::Connection::Open(path, Secret(std::vector<std::uint8_t>(store::kDatabaseKeyBytes, 1))));
  audit::AuditLog log([](std::int64_t) { return Result<Mac>(Mac{}); });
  store::Tables& tables = connection->tables();
  std::size_t issues = 0;
  const Clock::time_point began = Clock::now();
  double passed = 0;
  while (passed < seconds) {
    Need(connection->transaction().Begin());
    for (const std::size_t end = issues + per_commit; issues < end; ++issues) {
      const UnixSeconds now = std::time(nullptr);
      const keys::KeyRecord record = MakeRecord(issues, now);
      Need(tables.keys.Insert(record));
      static_cast<void>(Need(log.Append(tables.database, ActOf(record), now)));
      log.WorkEnded(true);
    }
    Need(connection->transaction().Commit());
    log.TransactionEnded(true);
    static_cast<void>(log.TakeDurable());
    passed = std::chrono::duration<double>(Clock::now() - began).count();
  }
  std::printf("{\"issues\": %zu, \"per_second\": %.1f}\n", issues, static_cast<double>(issues) / passed);
}

}  // namespace
}  // namespace claviger::bench

int main(int count, char** arguments) {
  const double seconds = count == 4 ? std::atof(arguments[2]) : 0;
  const long per_commit = count == 4 ? std::atol(arguments[3]) : 0;
  if (seconds <= 0 || per_commit < 1) claviger::bench::End("usage: append_issues FOLDER SECONDS PER_COMMIT");
  claviger::bench::Run(arguments[1], seconds, static_cast<std::size_t>(per_commit));
  return 0;
}
