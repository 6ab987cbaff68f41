// A TokenMac in software: what tests have in place of a PKCS#11 token.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/crypto.h"
#include "base/token_purpose.h"
#include "daemon/keys/token_mac.h"

namespace claviger::keys {

// One random key per purpose, or fixed ones from a seed. Thread-safe. ComputeAsync answers at once, on the
// caller's thread.
class SoftwareToken final : public TokenMac {
 public:
  SoftwareToken() {
    for (Key& key : keys_) FillRandom(key);
  }
  explicit SoftwareToken(std::uint8_t seed) {
    for (std::size_t i = 0; i < keys_.size(); ++i) keys_[i].fill(static_cast<std::uint8_t>(seed + i));
  }

  // While it is not ready, every call is refused with kUnavailable.
  void SetReady(bool ready) { ready_ = ready; }
  // Refuses the call after the next `calls`, and all later ones, as a token that is pulled out in the middle
  // does.
  void FailAfter(int calls) { calls_left_ = calls; }
  std::size_t macs_made() const { return macs_made_; }

  Result<std::vector<Mac>> Compute(std::span<const MacRequest> requests) override {
    if (!TakeCall()) return Refusal();
    std::vector<Mac> macs;
    for (const MacRequest& request : requests) {
      if (request.input.size() > kMaxMacInput) return Error(ErrorCode::kInvalidArgument, "input too long");
      macs.push_back(HmacSha256(keys_[static_cast<std::size_t>(request.purpose)], request.input));
      ++macs_made_;
    }
    return macs;
  }
  void ComputeAsync(std::vector<MacRequest> requests, Callback callback) override {
    callback(Compute(requests));
  }
  void MintAsync(const MintOrder& order, MintCallback callback) override {
    if (!TakeCall()) return callback(Refusal());
    std::vector<std::uint8_t> message = order.mint_head;
    message.resize(message.size() + kMintRandomBytes);
    FillRandom(std::span(message).last(kMintRandomBytes));
    Minted minted;
    const Mac secret = HmacSha256(KeyOf(TokenPurpose::kMint), message);
    std::copy(secret.begin(), secret.end(), minted.secret.ExposeForWriting().begin());
    message = order.verify_head;
    message.insert(message.end(), secret.begin(), secret.end());
    minted.verifier = HmacSha256(KeyOf(TokenPurpose::kVerify), message);
    macs_made_ += 2;
    callback(std::move(minted));
  }

 private:
  using Key = std::array<std::uint8_t, 32>;

  const Key& KeyOf(TokenPurpose purpose) const { return keys_[static_cast<std::size_t>(purpose)]; }
  static Error Refusal() { return Error(ErrorCode::kUnavailable, "the token is not ready"); }
  bool TakeCall() { return ready_ && calls_left_-- > 0; }

  std::array<Key, kTokenPurposes.size()> keys_{};
  std::atomic<bool> ready_{true};
  std::atomic<int> calls_left_{1 << 30};
  std::atomic<std::size_t> macs_made_{0};
};

}  // namespace claviger::keys
