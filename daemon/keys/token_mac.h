// The token as the key layer needs it: MACs and random bytes. api/token_mac_source.h implements it with hsm/;
// tests implement it in software.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/token_purpose.h"

namespace claviger::keys {

// The heads of the two messages of which the token makes a new secret and its verifier: it appends random
// bytes of its own, which never leave it, to the first, and the secret to the second.
struct MintOrder {
  std::vector<std::uint8_t> mint_head;
  std::vector<std::uint8_t> verify_head;
};
inline constexpr std::size_t kMintRandomBytes = 32;

struct Minted {
  SecretArray<32> secret;
  Mac verifier{};
};

class TokenMac {
 public:
  using Callback = std::function<void(Result<std::vector<Mac>>)>;
  virtual ~TokenMac() = default;

  // One MAC per request, in order. Blocks, at most for the token's deadline. kUnavailable if the token is not
  // ready.
  virtual Result<std::vector<Mac>> Compute(std::span<const MacRequest> requests) = 0;
  // The same without waiting; the callback comes exactly once, on any thread, and must not block.
  virtual void ComputeAsync(std::vector<MacRequest> requests, Callback callback) = 0;
  using MintCallback = std::function<void(Result<Minted>)>;
  // A secret that nobody can make again. Without waiting, as ComputeAsync.
  virtual void MintAsync(const MintOrder& order, MintCallback callback) = 0;
  // The same, for whoever waits.
  std::future<Result<Minted>> Mint(const MintOrder& order);
};

}  // namespace claviger::keys
