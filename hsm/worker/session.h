// A session with a token, and what the worker does in it.
#pragma once

#include <p11-kit/pkcs11.h>

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/token_purpose.h"
#include "hsm/worker/fault.h"
#include "hsm/worker/object.h"

namespace claviger::hsm {

// Closes itself (C_CloseSession). The login belongs to the token, not to one session: it ends with the last
// of them.
class Session {
 public:
  Session(CK_FUNCTION_LIST_PTR functions, CK_SESSION_HANDLE handle)
      : functions_(functions), handle_(handle) {}
  Session(Session&& other) noexcept
      : functions_(other.functions_), handle_(std::exchange(other.handle_, CK_INVALID_HANDLE)) {}
  Session& operator=(Session&& other) noexcept {
    std::swap(functions_, other.functions_);
    std::swap(handle_, other.handle_);
    return *this;
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() {
    if (handle_ != CK_INVALID_HANDLE) functions_->C_CloseSession(handle_);
  }

  // C_Login as `user` (CKU_USER, CKU_SO).
  TokenResult<void> Login(CK_USER_TYPE user, std::span<const std::uint8_t> pin);
  TokenResult<void> Logout();
  // C_InitPIN: sets the user PIN; the SO is logged in.
  TokenResult<void> InitialisePin(std::span<const std::uint8_t> pin);

  // The secret keys with this label, at most `limit`.
  TokenResult<std::vector<Object>> FindSecretKeys(std::string_view label, std::size_t limit);
  // Makes a key as design section 7 has it: 32 bytes, stays in the token, signs and does nothing else.
  TokenResult<Object> GenerateSecretKey(std::string_view label);
  // C_CopyObject into an object that lives as long as this session.
  TokenResult<Object> CopyToSession(Object key);
  // True if the key is sensitive and not extractable; a token that does not say so is not believed.
  TokenResult<bool> StaysInToken(Object key);

  // HMAC-SHA-256 by C_SignInit and C_Sign.
  TokenResult<void> Hmac(Object key, std::span<const std::uint8_t> message, Mac& out);
  // C_GenerateRandom.
  TokenResult<void> Random(std::span<std::uint8_t> out);

 private:
  CK_FUNCTION_LIST_PTR functions_;
  CK_SESSION_HANDLE handle_;
};

}  // namespace claviger::hsm
