#include "hsm/worker/token.h"

#include <algorithm>
#include <array>

#include "hsm/frame.h"

namespace claviger::hsm {

TokenResult<CK_TOKEN_INFO> Token::Info() const {
  CK_TOKEN_INFO info{};
  if (const CK_RV rv = functions_->C_GetTokenInfo(slot_, &info); rv != CKR_OK) {
    return Fault{ReplyCode::kTokenError, rv, "C_GetTokenInfo"};
  }
  return info;
}

bool Token::Offers(CK_MECHANISM_TYPE mechanism, CK_FLAGS use) const {
  CK_MECHANISM_INFO info{};
  return functions_->C_GetMechanismInfo(slot_, mechanism, &info) == CKR_OK && (info.flags & use) == use;
}

TokenResult<void> Token::Initialise(std::span<const std::uint8_t> so_pin, std::string_view label) const {
  std::array<CK_UTF8CHAR, kTokenLabelBytes> padded;
  padded.fill(' ');
  std::ranges::copy(label.substr(0, padded.size()), padded.begin());
  // The API's types are not const, but C_InitToken only reads the PIN.
  auto* pin = const_cast<CK_UTF8CHAR*>(so_pin.data());
  return FromCkr(functions_->C_InitToken(slot_, pin, so_pin.size(), padded.data()), "C_InitToken");
}

TokenResult<Session> Token::OpenSession(bool writable) const {
  CK_SESSION_HANDLE handle = CK_INVALID_HANDLE;
  const CK_FLAGS flags = CKF_SERIAL_SESSION | (writable ? CKF_RW_SESSION : 0UL);
  if (const CK_RV rv = functions_->C_OpenSession(slot_, flags, nullptr, nullptr, &handle); rv != CKR_OK) {
    return Fault{ReplyCode::kTokenError, rv, "C_OpenSession"};
  }
  return Session(functions_, handle);
}

}  // namespace claviger::hsm
