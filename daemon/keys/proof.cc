#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/crypto.h"
#include "daemon/keys/key_entry.h"

namespace claviger::keys {
namespace {

struct FreeMac {
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

EVP_MAC* SipHash() {
  static const std::unique_ptr<EVP_MAC, FreeMac> mac(EVP_MAC_fetch(nullptr, "SIPHASH", nullptr));
  return mac.get();
}

// This thread's own, so that a warm call allocates nothing. Null if libcrypto has no SipHash (it is no FIPS
// algorithm).
EVP_MAC_CTX* ThreadContext() {
  thread_local const std::unique_ptr<EVP_MAC_CTX, FreeMac> context = [] {
    std::unique_ptr<EVP_MAC_CTX, FreeMac> made(SipHash() == nullptr ? nullptr : EVP_MAC_CTX_new(SipHash()));
    std::size_t size = sizeof(Proof);
    const std::array parameters = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                                   OSSL_PARAM_construct_end()};
    if (made && EVP_MAC_CTX_set_params(made.get(), parameters.data()) != 1) made.reset();
    return made;
  }();
  return context.get();
}

}  // namespace

ProofKey::ProofKey() { FillRandom(key_.ExposeForWriting()); }

Proof ProofKey::Prove(const KeyId& id, std::uint32_t generation, const KeySecret& secret) const {
  SecretArray<12 + 4 + 32> input;
  const auto bytes = input.ExposeForWriting();
  std::copy(id.bytes.begin(), id.bytes.end(), bytes.begin());
  std::memcpy(bytes.data() + 12, &generation, sizeof(generation));
  std::copy(secret.Expose().begin(), secret.Expose().end(), bytes.begin() + 16);

  Proof proof;
  std::array<std::uint8_t, sizeof(Proof)> prf;
  if (EVP_MAC_CTX* const context = ThreadContext(); context != nullptr) {
    std::size_t length = 0;
    // These fail only in a broken libcrypto; a proof that says nothing of the secret must never leave here.
    if (EVP_MAC_init(context, key_.Expose().data(), key_.Expose().size(), nullptr) != 1 ||
        EVP_MAC_update(context, bytes.data(), bytes.size()) != 1 ||
        EVP_MAC_final(context, prf.data(), &length, prf.size()) != 1 || length != prf.size()) {
      std::abort();
    }
  } else {
    const Sha256Digest digest = HmacSha256(key_.Expose(), bytes);
    std::copy_n(digest.begin(), prf.size(), prf.begin());
  }
  std::memcpy(&proof.low, prf.data(), sizeof(proof.low));
  std::memcpy(&proof.high, prf.data() + sizeof(proof.low), sizeof(proof.high));
  return proof;
}

bool ProofSlot::Confirms(const Proof& proof, SteadyTime now) const {
  // What until_ was set with was written before it.
  const SteadyTime::rep until = until_.load(std::memory_order_acquire);
  if (until == 0 || now.time_since_epoch().count() >= until) return false;
  const std::uint64_t difference = (low_.load(std::memory_order_relaxed) ^ proof.low) |
                                   (high_.load(std::memory_order_relaxed) ^ proof.high);
  return difference == 0;
}

void ProofSlot::Hold(const Proof& proof, SteadyTime until) {
  low_.store(proof.low, std::memory_order_relaxed);
  high_.store(proof.high, std::memory_order_relaxed);
  until_.store(until.time_since_epoch().count(), std::memory_order_release);
}

void ProofSlot::CopyFrom(const ProofSlot& other) {
  const SteadyTime::rep until = other.until_.load(std::memory_order_acquire);
  if (until == 0) return;
  low_.store(other.low_.load(std::memory_order_relaxed), std::memory_order_relaxed);
  high_.store(other.high_.load(std::memory_order_relaxed), std::memory_order_relaxed);
  until_.store(until, std::memory_order_release);
}

void ProofSlot::Drop() { until_.store(0, std::memory_order_release); }

}  // namespace claviger::keys
