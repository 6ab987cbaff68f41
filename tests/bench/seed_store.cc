// Fills the store of a daemon that does not run with many real keys: verifiers and record MACs are made in
// the token, as by CreateKey, but nothing of it is in the record of acts, and the secrets are the kernel's
// random bytes.
//
//     seed_store WORKER MODULE URI PIN_FILE STATE_DIRECTORY COUNT KEY_FILE
//
// Writes one key string per line to KEY_FILE, made with mode 0600. The token must be bound to the
// installation.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "base/crypto.h"
#include "daemon/keys/record.h"
#include "tests/bench/ending.h"
#include "tests/bench/offline_store.h"

namespace claviger::bench {
namespace {

constexpr std::int64_t kBatch = 4000;            // keys per transaction
constexpr std::int64_t kIssuedPerSecond = 100;   // as if they had been issued at this rate until now
constexpr std::int64_t kLifetime = 300 * 86400;  // no warning is due yet

struct Batch {
  std::vector<keys::KeyRecord> records;
  std::string key_strings;
};

keys::KeyRecord MakeRecord(std::int64_t number, std::int64_t count, UnixSeconds now) {
  keys::KeyRecord record;
  record.created = record.not_before = now - (count - number) / kIssuedPerSecond;
  record.id = keys::KeyId::Make(record.created);
  record.name = "key " + std::to_string(number);
  record.owner = "bench";
  record.creator = "bench";
  record.expires = now + kLifetime;
  record.scopes = {"read:policies:admin"};
  return record;
}

Batch MakeBatch(keys::TokenMac& token, std::int64_t first, std::int64_t last, std::int64_t count,
                UnixSeconds now) {
  Batch batch;
  std::vector<MacRequest> requests;
  for (std::int64_t number = first; number < last; ++number) {
    keys::KeyRecord record = MakeRecord(number, count, now);
    keys::KeySecret secret;
    FillRandom(secret.ExposeForWriting());
    requests.push_back(keys::VerifierRequest(record.id, 1, secret));
    batch.key_strings.append(keys::FormatKeyString("clv", record.id, secret).ExposeText()).push_back('\n');
    batch.records.push_back(std::move(record));
  }
  const std::vector<Mac> verifiers = Need(token.Compute(requests));
  requests.clear();
  for (std::size_t i = 0; i < batch.records.size(); ++i) {
    keys::KeyRecord& record = batch.records[i];
    record.generations.push_back({1, verifiers[i], record.created, std::nullopt, false});
    requests.push_back(keys::RecordMacRequest(record));
  }
  const std::vector<Mac> macs = Need(token.Compute(requests));
  for (std::size_t i = 0; i < batch.records.size(); ++i) batch.records[i].mac = macs[i];
  return batch;
}

void Insert(store::Connection& connection, const Batch& batch, std::FILE* file) {
  Need(connection.transaction().Begin());
  for (const keys::KeyRecord& record : batch.records) Need(connection.tables().keys.Insert(record));
  Need(connection.transaction().Commit());
  if (std::fwrite(batch.key_strings.data(), 1, batch.key_strings.size(), file) != batch.key_strings.size())
    EndWithErrno("cannot write the key strings");
}

void Run(char** arguments) {
  const std::int64_t count = std::strtoll(arguments[5], nullptr, 10);
  const int descriptor = ::open(arguments[6], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  std::FILE* const file = descriptor < 0 ? nullptr : ::fdopen(descriptor, "w");
  if (count < 1 || file == nullptr) End("give a number of keys and a file for them");
  OfflineStore store(TokenSettingsFrom(arguments));
  const UnixSeconds now = std::time(nullptr);
  const auto make = [&](std::int64_t first) {
    return MakeBatch(store.token(), first, std::min(first + kBatch, count), count, now);
  };
  Batch batch = make(0);
  for (std::int64_t first = 0; first < count; first += kBatch) {
    std::future<Batch> next;  // the token works while the store does
    if (first + kBatch < count) next = std::async(std::launch::async, make, first + kBatch);
    Insert(store.connection(), batch, file);
    if (next.valid()) batch = next.get();
    std::fprintf(stderr, "%lld\n", static_cast<long long>(std::min(first + kBatch, count)));
  }
  if (std::fclose(file) != 0) EndWithErrno("cannot write the key strings");
}

}  // namespace
}  // namespace claviger::bench

int main(int count, char** arguments) {
  if (count != 8) {
    claviger::bench::End("usage: seed_store WORKER MODULE URI PIN_FILE STATE_DIRECTORY COUNT KEY_FILE");
  }
  claviger::bench::Run(arguments + 1);
  return 0;
}
