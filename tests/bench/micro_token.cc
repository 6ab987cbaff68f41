// Calls of the token, a private SoftHSM, through its worker process and back.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "hsm/token_client.h"
#include "tests/integration/hsm/soft_hsm.h"

namespace claviger::hsm {
namespace {

// One after the other: each waits for its reply.
void TokenCall(benchmark::State& state) {
  if (!std::filesystem::exists(kModulePath)) return state.SkipWithError("SoftHSM is not installed");
  const SoftHsm token;
  const std::unique_ptr<TokenClient> client = StartBoundClient(token);
  const std::string message(64, 'm');
  for (auto round : state) {
    if (!MakeMac(*client, TokenPurpose::kVerify, message)) state.SkipWithError("the token did not answer");
  }
}
BENCHMARK(TokenCall)->Unit(benchmark::kMicrosecond)->UseRealTime();

// state.range(0) MACs asked for at once.
void TokenCalls(benchmark::State& state) {
  if (!std::filesystem::exists(kModulePath)) return state.SkipWithError("SoftHSM is not installed");
  const SoftHsm token;
  const std::unique_ptr<TokenClient> client = StartBoundClient(token);
  const std::vector<MacRequest> requests(static_cast<std::size_t>(state.range(0)),
                                         MacRequest{TokenPurpose::kVerify, Bytes(std::string(64, 'm'))});
  for (auto round : state) {
    if (!client->Compute(requests)) state.SkipWithError("the token did not answer");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(TokenCalls)->Arg(16)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace
}  // namespace claviger::hsm
