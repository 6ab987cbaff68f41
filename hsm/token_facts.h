// What is known of a token before anyone logs in to it, as the worker reports it.
#pragma once

#include <cstdint>
#include <string>

#include "hsm/frame.h"

namespace claviger::hsm {

// The output of Op::kOpen. The texts are those of CK_TOKEN_INFO and CK_INFO: padded with blanks, any bytes.
struct TokenFacts {
  enum Flag : std::uint32_t {
    kGeneratesSecrets = 1,  // CKM_GENERIC_SECRET_KEY_GEN
    kMakesHmacs = 2,        // CKM_SHA256_HMAC for signing
    kMakesRandom = 4,       // CKF_RNG
    kPinInitialised = 8,    // CKF_USER_PIN_INITIALIZED
    kPinFailedBefore = 16,  // CKF_USER_PIN_COUNT_LOW
    kPinFinalTry = 32,      // CKF_USER_PIN_FINAL_TRY
    kPinLocked = 64,        // CKF_USER_PIN_LOCKED
  };

  char label[32] = {};
  char manufacturer[32] = {};
  char model[16] = {};
  char serial[16] = {};
  char library[32] = {};
  std::uint32_t flags = 0;
};
static_assert(sizeof(TokenFacts) == 132 && sizeof(TokenFacts) <= kMaxFrameOutput);

// The same as text for people and files: blanks at the end cut off, everything unprintable escaped.
struct TokenDescription {
  std::string label, manufacturer, model, serial, library;
  std::uint32_t flags = 0;

  bool Has(TokenFacts::Flag flag) const { return (flags & flag) != 0; }
};
TokenDescription Describe(const TokenFacts& facts);

}  // namespace claviger::hsm
