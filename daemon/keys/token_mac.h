// The token as the key layer needs it: MACs and random bytes. api/token_mac_source.h implements it with hsm/;
// tests implement it in software.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/token_purpose.h"

namespace claviger::keys {

class TokenMac {
 public:
  using Callback = std::function<void(Result<std::vector<Mac>>)>;
  virtual ~TokenMac() = default;

  // One MAC per request, in order. Blocks, at most for the token's deadline. kUnavailable if the token is not
  // ready.
  virtual Result<std::vector<Mac>> Compute(std::span<const MacRequest> requests) = 0;
  // The same without waiting; the callback comes exactly once, on any thread, and must not block.
  virtual void ComputeAsync(std::vector<MacRequest> requests, Callback callback) = 0;
  virtual Status Random(std::span<std::uint8_t> out) = 0;
};

}  // namespace claviger::keys
