// keys::TokenMac on top of the token's client.
#pragma once

#include "daemon/keys/token_mac.h"
#include "hsm/token_client.h"

namespace claviger::api {

// Thread-safe, as the client is; `client` must outlive it.
class TokenMacSource final : public keys::TokenMac {
 public:
  explicit TokenMacSource(hsm::TokenClient& client) : client_(client) {}

  Result<std::vector<Mac>> Compute(std::span<const MacRequest> requests) override {
    return client_.Compute(requests);
  }
  void ComputeAsync(std::vector<MacRequest> requests, Callback callback) override {
    client_.ComputeAsync(std::move(requests), callback);
  }
  Status Random(std::span<std::uint8_t> out) override { return client_.Random(out); }

 private:
  hsm::TokenClient& client_;
};

}  // namespace claviger::api
