// The purpose keys as the worker holds them: by handle, found again when a handle has gone stale.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/token_purpose.h"
#include "hsm/worker/fault.h"
#include "hsm/worker/session.h"
#include "hsm/worker/token.h"

namespace claviger::hsm {

// Names one purpose key.
struct KeyName {
  TokenPurpose purpose;
  std::uint32_t generation;
  friend bool operator==(const KeyName&, const KeyName&) = default;
};

// Owns the session that is logged in. Single-threaded.
class KeyRing {
 public:
  KeyRing(Token token, Session session) : token_(token), session_(std::move(session)) {}

  Session& session() { return session_; }

  // kKeyMissing, kKeyAmbiguous, kKeyExposed, or what the token reports.
  TokenResult<void> Find(KeyName name);
  // Finds the key, or makes it if it is missing.
  TokenResult<void> Make(KeyName name);
  // HMAC by the session's copy of the key where the token allows one.
  TokenResult<void> Hmac(KeyName name, std::span<const std::uint8_t> message, Mac& out);
  // HMAC by the token's own object.
  TokenResult<void> TokenHmac(KeyName name, std::span<const std::uint8_t> message, Mac& out);
  // True if the key has a copy in the session.
  bool HasCopy(KeyName name) const;

 private:
  struct Entry {
    KeyName name;
    Object token_object;
    Object copy;  // CK_INVALID_HANDLE if the token allows none
  };

  const Entry* Lookup(KeyName name) const;
  void Forget(KeyName name);
  TokenResult<void> HmacBy(KeyName name, Object Entry::*which, std::span<const std::uint8_t> message,
                           Mac& out);

  Token token_;
  Session session_;
  std::vector<Entry> entries_;
};

}  // namespace claviger::hsm
