// keys::TokenMac on top of the token's client.
#pragma once

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

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
  void MintAsync(const keys::MintOrder& order, MintCallback callback) override {
    static_assert(keys::kMintRandomBytes == hsm::kMintRandomBytes);
    client_.MintAsync({order.mint_head, order.verify_head},
                      [callback = std::move(callback)](const Result<std::span<const std::uint8_t>>& bytes) {
                        if (!bytes) return callback(bytes.error());
                        keys::Minted minted;
                        const auto verifier = bytes->subspan(minted.secret.Expose().size());
                        std::ranges::copy(bytes->first(minted.secret.Expose().size()),
                                          minted.secret.ExposeForWriting().begin());
                        std::ranges::copy(verifier, minted.verifier.begin());
                        callback(std::move(minted));
                      });
  }

 private:
  hsm::TokenClient& client_;
};

}  // namespace claviger::api
