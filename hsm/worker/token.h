// A token: what it says of itself, its initialisation, sessions with it.
#pragma once

#include <p11-kit/pkcs11.h>

#include <cstdint>
#include <span>
#include <string_view>

#include "hsm/worker/fault.h"
#include "hsm/worker/session.h"

namespace claviger::hsm {

// A value; valid while its module is initialised.
class Token {
 public:
  Token(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot) : functions_(functions), slot_(slot) {}

  // C_GetTokenInfo, asked anew each time.
  TokenResult<CK_TOKEN_INFO> Info() const;
  // True if the token offers `mechanism` for `use` (CKF_SIGN, CKF_GENERATE).
  bool Offers(CK_MECHANISM_TYPE mechanism, CK_FLAGS use) const;
  // C_InitToken: destroys all that the token holds. `label` has at most 32 bytes.
  TokenResult<void> Initialise(std::span<const std::uint8_t> so_pin, std::string_view label) const;
  // C_OpenSession, read-only or read-write.
  TokenResult<Session> OpenSession(bool writable) const;

 private:
  CK_FUNCTION_LIST_PTR functions_;
  CK_SLOT_ID slot_;
};

}  // namespace claviger::hsm
