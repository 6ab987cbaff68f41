// How long it takes to read every key in the store of a daemon that does not run.
//
//     scan_store WORKER MODULE URI PIN_FILE STATE_DIRECTORY        prints {"rows": N, "seconds": S}
#include <chrono>
#include <cstdio>

#include "daemon/store/statement.h"
#include "tests/bench/ending.h"
#include "tests/bench/offline_store.h"

namespace claviger::bench {
namespace {

// All that a cache would be filled from.
constexpr const char* kScan =
    "SELECT k.*, g.* FROM key AS k JOIN key_generation AS g ON g.key_ref = k.ref AND g.number = k.generation "
    "ORDER BY k.ref";

void Run(char** arguments) {
  OfflineStore store(TokenSettingsFrom(arguments));
  const auto began = std::chrono::steady_clock::now();
  store::Statement scan = Need(store::Statement::Prepare(store.connection().database(), kScan));
  std::size_t rows = 0;
  std::size_t bytes = 0;
  while (Need(scan.Step())) {
    bytes += scan.Blob(1).size() + scan.TextView(3).size();
    ++rows;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  if (rows > 0 && bytes == 0) End("the keys have no ids");
  std::printf("{\"rows\": %zu, \"seconds\": %.4f}\n", rows, seconds);
}

}  // namespace
}  // namespace claviger::bench

int main(int count, char** arguments) {
  if (count != 6) claviger::bench::End("usage: scan_store WORKER MODULE URI PIN_FILE STATE_DIRECTORY");
  claviger::bench::Run(arguments + 1);
  return 0;
}
