#include "base/piece_cipher.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>

namespace claviger {
namespace {

constexpr std::size_t kNonceBytes = 12;

// As in crypto.cc: libcrypto refuses these only when it is broken or out of memory.
void Demand(bool done) {
  if (!done) std::abort();
}

}  // namespace

PieceCipher::PieceCipher(std::span<const std::uint8_t, kKeyBytes> key) : context_(EVP_CIPHER_CTX_new()) {
  Demand(context_ != nullptr);
  std::copy(key.begin(), key.end(), key_.ExposeForWriting().begin());
  Demand(EVP_CipherInit_ex(context_, EVP_aes_256_gcm(), nullptr, nullptr, nullptr, 1) == 1);
}

PieceCipher::~PieceCipher() { EVP_CIPHER_CTX_free(context_); }

void PieceCipher::Begin(std::uint64_t number, std::span<const std::uint8_t> head, bool seals) {
  std::array<std::uint8_t, kNonceBytes> nonce{};
  for (std::size_t i = 0; i < sizeof(number); ++i) {
    nonce[kNonceBytes - 1 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  Demand(EVP_CipherInit_ex(context_, nullptr, nullptr, key_.Expose().data(), nonce.data(), seals ? 1 : 0) ==
         1);
  int taken = 0;
  if (!head.empty()) {
    Demand(EVP_CipherUpdate(context_, nullptr, &taken, head.data(), static_cast<int>(head.size())) == 1);
  }
}

PieceCipher::Tag PieceCipher::Seal(std::uint64_t number, std::span<const std::uint8_t> head,
                                   std::span<std::uint8_t> bytes) {
  Begin(number, head, true);
  int done = 0;
  if (!bytes.empty()) {
    Demand(EVP_CipherUpdate(context_, bytes.data(), &done, bytes.data(), static_cast<int>(bytes.size())) ==
           1);
  }
  Tag tag{};
  Demand(EVP_CipherFinal_ex(context_, tag.data(), &done) == 1);
  Demand(EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()), tag.data()) == 1);
  return tag;
}

bool PieceCipher::Open(std::uint64_t number, std::span<const std::uint8_t> head,
                       std::span<std::uint8_t> bytes, const Tag& tag) {
  Begin(number, head, false);
  int done = 0;
  if (!bytes.empty()) {
    Demand(EVP_CipherUpdate(context_, bytes.data(), &done, bytes.data(), static_cast<int>(bytes.size())) ==
           1);
  }
  Tag expected = tag;
  Demand(EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(expected.size()),
                             expected.data()) == 1);
  Tag unused{};
  if (EVP_CipherFinal_ex(context_, unused.data(), &done) == 1) return true;
  Wipe(bytes);
  return false;
}

}  // namespace claviger
