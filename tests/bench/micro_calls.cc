// A call as it comes in, and a reply as it goes out.
#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "daemon/api/verify_reply.h"
#include "daemon/keys/key_entry.h"
#include "protocol/call.h"
#include "protocol/dispatcher.h"
#include "protocol/limits.h"
#include "protocol/verify_call.h"
#include "tests/unit/keys/sample_records.h"

namespace claviger {
namespace {

constexpr std::string_view kCompact =
    R"({"method":"io.claviger.Verify.Verify","parameters":{"key":"clv_00000000000000000_)"
    R"(0000000000000000000000000000000000000000000000000","scopes":["read:policies:admin"]}})";
constexpr std::string_view kSpaced =
    R"({"method": "io.claviger.Verify.Verify", "parameters": {"key": "clv_00000000000000000_)"
    R"(0000000000000000000000000000000000000000000000000", "scopes": ["read:policies:admin"]}})";

std::vector<char> Padded(std::string_view text) {
  std::vector<char> bytes(text.begin(), text.end());
  bytes.resize(text.size() + protocol::kFramePadding);
  return bytes;
}

void ScanFrame(benchmark::State& state, std::string_view text) {
  const std::vector<char> bytes = Padded(text);
  const std::span<const char> frame = std::span(bytes).first(text.size());
  protocol::VerifyCall call;
  for (auto round : state) {
    if (!protocol::ScanVerifyCall(frame, call)) state.SkipWithError("not scanned");
    benchmark::DoNotOptimize(call.key);
    benchmark::ClobberMemory();
  }
}
BENCHMARK_CAPTURE(ScanFrame, compact, kCompact);
BENCHMARK_CAPTURE(ScanFrame, spaced, kSpaced);

void ParseFrame(benchmark::State& state) {
  constexpr std::array kParameters = {
      protocol::Parameter{"key", protocol::ParameterType::kString, true},
      protocol::Parameter{"scopes", protocol::ParameterType::kStringList, false},
      protocol::Parameter{"remote_address", protocol::ParameterType::kString, false},
  };
  std::vector<char> bytes = Padded(kCompact);
  protocol::CallParser parser(protocol::kMaxVerifyFrameBytes);
  protocol::Parameters<kParameters.size()> parameters;
  for (auto round : state) {
    const auto call = parser.Parse(std::span(bytes).first(kCompact.size()));
    if (!call || !parameters.Bind(*call, kParameters).empty()) state.SkipWithError("not parsed");
    benchmark::ClobberMemory();
  }
}
BENCHMARK(ParseFrame);

void Reply(benchmark::State& state, keys::VerdictCode code) {
  const keys::KeyRecord record = keys::SampleRecord();
  keys::KeyProfiles profiles(api::ProfileText);
  const keys::KeyEntryPtr entry = keys::KeyEntry::Make(record, profiles.Of(record, keys::SampleCatalogue()));
  const std::string id = record.id.ToString();
  constexpr std::array<std::string_view, 1> kMissing = {"delete:policies:admin"};
  const std::size_t missing = code == keys::VerdictCode::kInsufficientScope ? 1 : 0;
  WipingBuffer out;
  for (auto round : state) {
    out.clear();
    api::AppendVerdict(out, code, std::span(kMissing).first(missing), *entry, id, 2);
    benchmark::DoNotOptimize(out.data());
  }
  state.counters["bytes"] = static_cast<double>(out.size());
}
BENCHMARK_CAPTURE(Reply, valid, keys::VerdictCode::kValid);
BENCHMARK_CAPTURE(Reply, insufficient_scope, keys::VerdictCode::kInsufficientScope);

void ReplyBare(benchmark::State& state) {
  WipingBuffer out;
  for (auto round : state) {
    out.clear();
    api::AppendBareVerdict(out, keys::VerdictCode::kMalformed);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(ReplyBare);

void TimeAsString(benchmark::State& state) {
  for (auto round : state) benchmark::DoNotOptimize(FormatTime(keys::kTestNow));
}
BENCHMARK(TimeAsString);

void TimeInPlace(benchmark::State& state) {
  std::array<char, kTimeTextBytes> text;
  for (auto round : state) {
    WriteTimeText(keys::kTestNow, text);
    benchmark::DoNotOptimize(text);
  }
}
BENCHMARK(TimeInPlace);

}  // namespace
}  // namespace claviger
