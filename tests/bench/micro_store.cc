// Looking a key up in the database: 100,000 keys in a temporary folder, removed at the end.
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/crypto.h"
#include "daemon/store/connection.h"
#include "tests/unit/keys/sample_records.h"

namespace claviger::store {
namespace {

constexpr int kKeys = 100000;

void Need(const Status& status) {
  if (status) return;
  std::fprintf(stderr, "micro_benchmarks: %s\n", status.error().message().c_str());
  std::exit(1);
}

class FilledStore {
 public:
  FilledStore() {
    folder_ = (std::filesystem::temp_directory_path() / "claviger-micro-XXXXXX").string();
    if (::mkdtemp(folder_.data()) == nullptr)
      Need(Error(ErrorCode::kInternal, "no temporary folder could be made"));
    auto connection =
        Connection::Open(folder_ + "/keys.db", Secret(std::vector<std::uint8_t>(kDatabaseKeyBytes, 1)));
    if (!connection) Need(connection.error());
    connection_ = std::move(*connection);
    keys::KeyRecord record = keys::SampleRecord();
    Need(connection_->transaction().Begin());
    for (int i = 0; i < kKeys; ++i) {
      record.id = keys::KeyId::Make(keys::kTestNow);
      ids_.push_back(record.id);
      Need(connection_->tables().keys.Insert(record));
    }
    Need(connection_->transaction().Commit());
  }
  FilledStore(const FilledStore&) = delete;
  ~FilledStore() {
    connection_.reset();
    std::filesystem::remove_all(folder_);
  }

  KeyRepository& keys() { return connection_->tables().keys; }
  const keys::KeyId& RandomId() {
    std::uint64_t random = 0;
    FillRandom(std::span(reinterpret_cast<std::uint8_t*>(&random), sizeof(random)));
    return ids_[random % ids_.size()];
  }

 private:
  std::string folder_;
  std::unique_ptr<Connection> connection_;
  std::vector<keys::KeyId> ids_;
};

void StoreLookup(benchmark::State& state) {
  FilledStore store;
  for (auto round : state) {
    const auto record = store.keys().Find(store.RandomId());
    if (!record || !*record) state.SkipWithError("not found");
  }
}
BENCHMARK(StoreLookup)->Unit(benchmark::kMicrosecond);

void StoreLookupOfAnUnknownId(benchmark::State& state) {
  FilledStore store;
  for (auto round : state) {
    const auto record = store.keys().Find(keys::KeyId::Make(keys::kTestNow));
    if (!record || *record) state.SkipWithError("found");
  }
}
BENCHMARK(StoreLookupOfAnUnknownId)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace claviger::store
