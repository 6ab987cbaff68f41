#include "hsm/worker/session.h"

#include "hsm/worker/mechanism.h"

namespace claviger::hsm {
namespace {

// The API's types are not const, but what is passed here is only read.
CK_BYTE* Unconst(std::span<const std::uint8_t> bytes) { return const_cast<CK_BYTE*>(bytes.data()); }

}  // namespace

TokenResult<void> Session::Login(CK_USER_TYPE user, std::span<const std::uint8_t> pin) {
  return FromCkr(functions_->C_Login(handle_, user, Unconst(pin), pin.size()), "C_Login");
}

TokenResult<void> Session::Logout() { return FromCkr(functions_->C_Logout(handle_), "C_Logout"); }

TokenResult<void> Session::InitialisePin(std::span<const std::uint8_t> pin) {
  return FromCkr(functions_->C_InitPIN(handle_, Unconst(pin), pin.size()), "C_InitPIN");
}

TokenResult<std::vector<Object>> Session::FindSecretKeys(std::string_view label, std::size_t limit) {
  Template wanted;
  wanted.Number(CKA_CLASS, CKO_SECRET_KEY).Flag(CKA_TOKEN, true).Text(CKA_LABEL, label);
  if (const CK_RV rv = functions_->C_FindObjectsInit(handle_, wanted.data(), wanted.size()); rv != CKR_OK) {
    return Fault{ReplyCode::kTokenError, rv, "C_FindObjectsInit"};
  }
  std::vector<Object> found;
  CK_RV rv = CKR_OK;
  while (found.size() < limit) {
    Object object;
    CK_ULONG count = 0;
    rv = functions_->C_FindObjects(handle_, &object.handle, 1, &count);
    if (rv != CKR_OK || count == 0) break;
    found.push_back(object);
  }
  const CK_RV final_rv = functions_->C_FindObjectsFinal(handle_);
  if (rv != CKR_OK) return Fault{ReplyCode::kTokenError, rv, "C_FindObjects"};
  if (final_rv != CKR_OK) return Fault{ReplyCode::kTokenError, final_rv, "C_FindObjectsFinal"};
  return found;
}

TokenResult<Object> Session::GenerateSecretKey(std::string_view label) {
  Template key;
  key.Number(CKA_CLASS, CKO_SECRET_KEY)
      .Number(CKA_KEY_TYPE, CKK_GENERIC_SECRET)
      .Number(CKA_VALUE_LEN, kPurposeKeyBytes)
      .Text(CKA_LABEL, label)
      .Flag(CKA_TOKEN, true)
      .Flag(CKA_PRIVATE, true)
      .Flag(CKA_SENSITIVE, true)
      .Flag(CKA_EXTRACTABLE, false)
      .Flag(CKA_SIGN, true)
      .Flag(CKA_VERIFY, false)
      .Flag(CKA_ENCRYPT, false)
      .Flag(CKA_DECRYPT, false)
      .Flag(CKA_WRAP, false)
      .Flag(CKA_UNWRAP, false)
      .Flag(CKA_DERIVE, false);
  CK_MECHANISM mechanism = GenerateSecretMechanism();
  Object object;
  const CK_RV rv = functions_->C_GenerateKey(handle_, &mechanism, key.data(), key.size(), &object.handle);
  if (rv != CKR_OK) return Fault{ReplyCode::kTokenError, rv, "C_GenerateKey"};
  return object;
}

TokenResult<Object> Session::CopyToSession(Object key) {
  Template changes;
  changes.Flag(CKA_TOKEN, false);
  Object copy;
  const CK_RV rv =
      functions_->C_CopyObject(handle_, key.handle, changes.data(), changes.size(), &copy.handle);
  if (rv != CKR_OK) return Fault{ReplyCode::kTokenError, rv, "C_CopyObject"};
  return copy;
}

TokenResult<bool> Session::StaysInToken(Object key) {
  Template asked;
  asked.Flag(CKA_SENSITIVE, false).Flag(CKA_EXTRACTABLE, true);
  const CK_RV rv = functions_->C_GetAttributeValue(handle_, key.handle, asked.data(), asked.size());
  if (rv != CKR_OK) return Fault{ReplyCode::kTokenError, rv, "C_GetAttributeValue"};
  const auto flag = [&asked](std::size_t i) {
    return *static_cast<const CK_BBOOL*>(asked.data()[i].pValue) != 0;
  };
  return flag(0) && !flag(1);
}

TokenResult<void> Session::Hmac(Object key, std::span<const std::uint8_t> message, Mac& out) {
  CK_MECHANISM mechanism = HmacMechanism();
  if (const CK_RV rv = functions_->C_SignInit(handle_, &mechanism, key.handle); rv != CKR_OK) {
    return Fault{ReplyCode::kTokenError, rv, "C_SignInit"};
  }
  CK_ULONG length = out.size();
  const CK_RV rv = functions_->C_Sign(handle_, Unconst(message), message.size(), out.data(), &length);
  if (rv != CKR_OK) return Fault{ReplyCode::kTokenError, rv, "C_Sign"};
  if (length != out.size()) return Fault{ReplyCode::kTokenError, CKR_GENERAL_ERROR, "C_Sign"};
  return Done();
}

TokenResult<void> Session::Random(std::span<std::uint8_t> out) {
  return FromCkr(functions_->C_GenerateRandom(handle_, out.data(), out.size()), "C_GenerateRandom");
}

}  // namespace claviger::hsm
