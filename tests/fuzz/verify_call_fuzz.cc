// ScanVerifyCall: what it takes CallParser takes, with the same values; and a call that CallParser takes is
// scanned once it is written as most clients do.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/fuzz/verify_call_comparison.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using claviger::protocol::VerifyCallComparison;
  using Outcome = VerifyCallComparison::Outcome;
  static VerifyCallComparison comparison;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Outcome outcome = comparison.Compare(text);
  if (outcome == Outcome::kWronglyTaken || comparison.Compare(text, '}') != outcome) std::abort();
  if (outcome != Outcome::kParsed || !comparison.IsPlain()) return 0;
  const std::string canonical = comparison.Canonical();
  if (canonical.size() > claviger::protocol::kMaxVerifyFrameBytes) return 0;
  if (comparison.Compare(canonical) != Outcome::kBoth) std::abort();
  return 0;
}
