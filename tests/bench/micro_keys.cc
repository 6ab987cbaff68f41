// Between call and reply: the key string, its proof, the cache, the scopes.
#include <benchmark/benchmark.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <zlib.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "base/siphash.h"
#include "daemon/keys/crc32.h"
#include "daemon/keys/key_cache.h"
#include "daemon/keys/key_string.h"
#include "daemon/keys/proof.h"
#include "tests/unit/keys/sample_records.h"

namespace claviger::keys {
namespace {

std::string RandomKeyString() {
  KeySecret secret;
  FillRandom(secret.ExposeForWriting());
  return std::string(FormatKeyString("clv", KeyId::Make(kTestNow), secret).ExposeText());
}

void ReadKey(benchmark::State& state) {
  const std::string text = RandomKeyString();
  for (auto round : state) {
    benchmark::DoNotOptimize(text.data());
    benchmark::DoNotOptimize(ReadKeyString(text));
  }
}
BENCHMARK(ReadKey);

void ReadKeyWithAWrongCrc(benchmark::State& state) {
  std::string text = RandomKeyString();
  text.back() = text.back() == '0' ? '1' : '0';
  for (auto round : state) {
    benchmark::DoNotOptimize(text.data());
    if (ReadKeyString(text)) state.SkipWithError("taken");
  }
}
BENCHMARK(ReadKeyWithAWrongCrc);

void ParseKey(benchmark::State& state) {
  const std::string text = RandomKeyString();
  for (auto round : state) {
    const auto key = ParseKeyString(text);
    benchmark::DoNotOptimize(&key);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(ParseKey);

constexpr std::size_t kCrcBytes = 65;  // what the CRC of a key string with a prefix of three letters covers

void Crc(benchmark::State& state) {
  const std::string text = RandomKeyString().substr(0, kCrcBytes);
  for (auto round : state) {
    benchmark::ClobberMemory();
    benchmark::DoNotOptimize(Crc32(text));
  }
}
BENCHMARK(Crc);

void CrcOfZlib(benchmark::State& state) {
  const std::string text = RandomKeyString().substr(0, kCrcBytes);
  for (auto round : state) {
    benchmark::ClobberMemory();
    benchmark::DoNotOptimize(::crc32(0, reinterpret_cast<const Bytef*>(text.data()), kCrcBytes));
  }
}
BENCHMARK(CrcOfZlib);

void Prove(benchmark::State& state) {
  const ProofKey key;
  const std::string text = RandomKeyString();
  for (auto round : state) {
    benchmark::ClobberMemory();
    benchmark::DoNotOptimize(key.Prove(text));
  }
}
BENCHMARK(Prove);

void SipHashOfLibcrypto(benchmark::State& state) {
  const std::unique_ptr<EVP_MAC, void (*)(EVP_MAC*)> mac(EVP_MAC_fetch(nullptr, "SIPHASH", nullptr),
                                                         EVP_MAC_free);
  const std::unique_ptr<EVP_MAC_CTX, void (*)(EVP_MAC_CTX*)> context(EVP_MAC_CTX_new(mac.get()),
                                                                     EVP_MAC_CTX_free);
  const std::string text = RandomKeyString();
  const std::array<std::uint8_t, 16> key{};
  std::array<std::uint8_t, 16> out;
  std::size_t length = 0;
  for (auto round : state) {
    EVP_MAC_init(context.get(), key.data(), key.size(), nullptr);
    EVP_MAC_update(context.get(), reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    EVP_MAC_final(context.get(), out.data(), &length, out.size());
    benchmark::DoNotOptimize(out);
  }
}
BENCHMARK(SipHashOfLibcrypto);

void FindScope(benchmark::State& state) {
  const auto catalogue = SampleCatalogue();
  const std::string name = "read:policies:admin";
  for (auto round : state) {
    benchmark::DoNotOptimize(name.data());
    benchmark::DoNotOptimize(catalogue->Find(name));
  }
}
BENCHMARK(FindScope);

void CheckScopes(benchmark::State& state) {
  const KeyRecord record = SampleRecord();
  KeyProfiles profiles([](const KeyRecord&) { return std::string(); });
  const auto catalogue = SampleCatalogue();
  const KeyEntryPtr entry = KeyEntry::Make(record, profiles.Of(record, catalogue));
  VerifyQuery query;
  for (const std::string& scope : record.scopes) query.scopes[query.scope_count++] = *catalogue->Find(scope);
  for (auto round : state) {
    benchmark::ClobberMemory();
    if (Decide(*entry, 2, query, kTestNow) != VerdictCode::kValid) state.SkipWithError("refused");
  }
}
BENCHMARK(CheckScopes);

// A cache of state.range(0) keys, and their ids in random order.
class FilledCache {
 public:
  explicit FilledCache(std::int64_t keys) : cache_(static_cast<std::size_t>(keys) * 2) {
    KeyProfiles profiles([](const KeyRecord&) { return std::string(); });
    const auto catalogue = SampleCatalogue();
    KeyRecord record = SampleRecord();
    for (std::int64_t i = 0; i < keys; ++i) {
      record.id = KeyId::Make(kTestNow);
      ids_.push_back(record.id);
      cache_.Put(KeyEntry::Make(record, profiles.Of(record, catalogue)));
    }
    for (std::size_t i = ids_.size(); i > 1; --i) {
      std::uint64_t random = 0;
      FillRandom(std::span(reinterpret_cast<std::uint8_t*>(&random), sizeof(random)));
      std::swap(ids_[i - 1], ids_[random % i]);
    }
  }

  KeyCache& cache() { return cache_; }
  const KeyId* Next(std::size_t count) {
    if (at_ + count > ids_.size()) at_ = 0;
    at_ += count;
    return &ids_[at_ - count];
  }

 private:
  KeyCache cache_;
  std::vector<KeyId> ids_;
  std::size_t at_ = 0;
};

// Batches of state.range(1) keys, fetched ahead as a loop does with pipelined calls.
void LookUp(benchmark::State& state) {
  FilledCache filled(state.range(0));
  KeyCache& cache = filled.cache();
  const ReadEpochs::Reader reader(cache.epochs());
  const auto batch = static_cast<std::size_t>(state.range(1));
  for (auto round : state) {
    const std::span ids(filled.Next(batch), batch);
    const ReadEpochs::Section section(reader);
    if (batch > 1) {
      for (const KeyId& id : ids) cache.Prefetch(id);
      for (const KeyId& id : ids) cache.PrefetchEntry(id);
    }
    for (const KeyId& id : ids) {
      const KeyEntry* const entry = cache.Peek(id);
      if (entry == nullptr || entry->id() != id) state.SkipWithError("not found");
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
}
BENCHMARK(LookUp)->ArgNames({"keys", "batch"})->ArgsProduct({{1000, 1000000}, {1, 16}});

}  // namespace
}  // namespace claviger::keys
