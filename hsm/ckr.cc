#include "hsm/ckr.h"

#include <fmt/format.h>
#include <p11-kit/pkcs11.h>

#include <algorithm>
#include <array>

namespace claviger::hsm {
namespace {

using enum ErrorCode;

// Ascending by value, which a test checks.
constexpr auto kTable = std::to_array<CkrEntry>({
    {CKR_OK, "CKR_OK", kInternal,
     "the token reported success where an error was expected; report this as a defect"},
    {CKR_CANCEL, "CKR_CANCEL", kUnavailable,
     "the token's operator cancelled the operation; repeat it and confirm it at the token"},
    {CKR_HOST_MEMORY, "CKR_HOST_MEMORY", kUnavailable,
     "the PKCS#11 module ran out of memory; free memory on this host"},
    {CKR_SLOT_ID_INVALID, "CKR_SLOT_ID_INVALID", kUnavailable,
     "the token's slot is gone; connect the token again"},
    {CKR_GENERAL_ERROR, "CKR_GENERAL_ERROR", kUnavailable,
     "the token or its module failed for a reason it does not name; look into the module's own log and check "
     "its configuration"},
    {CKR_FUNCTION_FAILED, "CKR_FUNCTION_FAILED", kUnavailable,
     "the token could not carry out the function; look into the module's own log, and check the token's "
     "load"},
    {CKR_ARGUMENTS_BAD, "CKR_ARGUMENTS_BAD", kInternal,
     "the module rejected the arguments of a call; report this with the module's name and version"},
    {CKR_NO_EVENT, "CKR_NO_EVENT", kInternal,
     "the module reported that no slot event is pending; report this as a defect"},
    {CKR_NEED_TO_CREATE_THREADS, "CKR_NEED_TO_CREATE_THREADS", kUnsupported,
     "the module needs threads of its own and may not create them; use a module that does not"},
    {CKR_CANT_LOCK, "CKR_CANT_LOCK", kUnsupported,
     "the module cannot use the locks of the operating system; use a newer version of the module"},
    {CKR_ATTRIBUTE_READ_ONLY, "CKR_ATTRIBUTE_READ_ONLY", kUnsupported,
     "the token does not let this attribute of a key be set; check what `claviger doctor` says of the token"},
    {CKR_ATTRIBUTE_SENSITIVE, "CKR_ATTRIBUTE_SENSITIVE", kDenied,
     "the token does not show this attribute, because the key is sensitive"},
    {CKR_ATTRIBUTE_TYPE_INVALID, "CKR_ATTRIBUTE_TYPE_INVALID", kUnsupported,
     "the token does not know an attribute that a key needs; use a token that supports generic secret keys"},
    {CKR_ATTRIBUTE_VALUE_INVALID, "CKR_ATTRIBUTE_VALUE_INVALID", kUnsupported,
     "the token does not accept a needed value of an attribute; use a token that supports generic secret "
     "keys of 32 bytes"},
    {CKR_ACTION_PROHIBITED, "CKR_ACTION_PROHIBITED", kDenied,
     "the token's policy forbids this action; change the policy with the token's own tool"},
    {CKR_DATA_INVALID, "CKR_DATA_INVALID", kInvalidArgument, "the token rejected the data as invalid"},
    {CKR_DATA_LEN_RANGE, "CKR_DATA_LEN_RANGE", kInvalidArgument,
     "the token does not accept data of this length"},
    {CKR_DEVICE_ERROR, "CKR_DEVICE_ERROR", kUnavailable,
     "the token has a problem or the connection to it broke; check the device and its cable or network"},
    {CKR_DEVICE_MEMORY, "CKR_DEVICE_MEMORY", kUnavailable,
     "the token has no memory left; remove objects that nobody needs from it"},
    {CKR_DEVICE_REMOVED, "CKR_DEVICE_REMOVED", kUnavailable, "the token was removed; connect it again"},
    {CKR_ENCRYPTED_DATA_INVALID, "CKR_ENCRYPTED_DATA_INVALID", kInvalidArgument,
     "the token rejected the encrypted data as invalid"},
    {CKR_ENCRYPTED_DATA_LEN_RANGE, "CKR_ENCRYPTED_DATA_LEN_RANGE", kInvalidArgument,
     "the token does not accept encrypted data of this length"},
    {CKR_FUNCTION_CANCELED, "CKR_FUNCTION_CANCELED", kUnavailable,
     "the token's function was cancelled; try again"},
    {CKR_FUNCTION_NOT_PARALLEL, "CKR_FUNCTION_NOT_PARALLEL", kInternal,
     "the module reported that no function runs in parallel; report this as a defect"},
    {CKR_FUNCTION_NOT_SUPPORTED, "CKR_FUNCTION_NOT_SUPPORTED", kUnsupported,
     "the module does not offer this function; use a module that does"},
    {CKR_KEY_HANDLE_INVALID, "CKR_KEY_HANDLE_INVALID", kUnavailable,
     "the token does not know the key any more; if it does not return by itself, restore the token from its "
     "backup"},
    {CKR_KEY_SIZE_RANGE, "CKR_KEY_SIZE_RANGE", kUnsupported,
     "the token does not accept keys of this size for this mechanism; use a token that accepts keys of 32 "
     "bytes"},
    {CKR_KEY_TYPE_INCONSISTENT, "CKR_KEY_TYPE_INCONSISTENT", kUnsupported,
     "the token does not accept a generic secret key for this mechanism; import the key as the type that the "
     "token's manual names"},
    {CKR_KEY_NOT_NEEDED, "CKR_KEY_NOT_NEEDED", kInternal,
     "the module was given a key that it does not need; report this as a defect"},
    {CKR_KEY_CHANGED, "CKR_KEY_CHANGED", kConflict,
     "the key on the token is not the one that it was; restore the token from its backup"},
    {CKR_KEY_NEEDED, "CKR_KEY_NEEDED", kInternal,
     "the module was not given a key that it needs; report this as a defect"},
    {CKR_KEY_INDIGESTIBLE, "CKR_KEY_INDIGESTIBLE", kUnsupported, "the token cannot digest this key"},
    {CKR_KEY_FUNCTION_NOT_PERMITTED, "CKR_KEY_FUNCTION_NOT_PERMITTED", kDenied,
     "the key may not be used for signing; make it anew with CKA_SIGN, or restore the token from its backup"},
    {CKR_KEY_NOT_WRAPPABLE, "CKR_KEY_NOT_WRAPPABLE", kUnsupported, "the token cannot wrap this key"},
    {CKR_KEY_UNEXTRACTABLE, "CKR_KEY_UNEXTRACTABLE", kDenied, "the key cannot leave the token"},
    {CKR_MECHANISM_INVALID, "CKR_MECHANISM_INVALID", kUnsupported,
     "the token lacks a needed mechanism; `claviger doctor` names it"},
    {CKR_MECHANISM_PARAM_INVALID, "CKR_MECHANISM_PARAM_INVALID", kUnsupported,
     "the token rejected the parameter of a mechanism; use a newer version of the module"},
    {CKR_OBJECT_HANDLE_INVALID, "CKR_OBJECT_HANDLE_INVALID", kUnavailable,
     "the token does not know the object any more; if it does not return by itself, restore the token from "
     "its backup"},
    {CKR_OPERATION_ACTIVE, "CKR_OPERATION_ACTIVE", kBusy,
     "another operation is active in the token's session; try again"},
    {CKR_OPERATION_NOT_INITIALIZED, "CKR_OPERATION_NOT_INITIALIZED", kUnavailable,
     "the token's session lost its operation; try again"},
    {CKR_PIN_INCORRECT, "CKR_PIN_INCORRECT", kDenied,
     "the token refused the PIN; give the right one with `claviger unlock`"},
    {CKR_PIN_INVALID, "CKR_PIN_INVALID", kInvalidArgument,
     "the PIN has characters that the token does not accept; choose another PIN"},
    {CKR_PIN_LEN_RANGE, "CKR_PIN_LEN_RANGE", kInvalidArgument,
     "the PIN is shorter or longer than the token allows; choose another PIN"},
    {CKR_PIN_EXPIRED, "CKR_PIN_EXPIRED", kDenied,
     "the token's PIN has expired; change it with the token's own tool, then `claviger unlock`"},
    {CKR_PIN_LOCKED, "CKR_PIN_LOCKED", kDenied,
     "the token's PIN is locked; unlock it with the SO PIN and the token's own tool"},
    {CKR_SESSION_CLOSED, "CKR_SESSION_CLOSED", kUnavailable, "the token closed the session; try again"},
    {CKR_SESSION_COUNT, "CKR_SESSION_COUNT", kUnavailable,
     "the token has no session left; end other programs that use it, or raise its limit"},
    {CKR_SESSION_HANDLE_INVALID, "CKR_SESSION_HANDLE_INVALID", kUnavailable,
     "the token does not know the session any more; try again"},
    {CKR_SESSION_PARALLEL_NOT_SUPPORTED, "CKR_SESSION_PARALLEL_NOT_SUPPORTED", kInternal,
     "the module took a serial session for a parallel one; report this with the module's name and version"},
    {CKR_SESSION_READ_ONLY, "CKR_SESSION_READ_ONLY", kInternal,
     "the session may not change the token; report this as a defect"},
    {CKR_SESSION_EXISTS, "CKR_SESSION_EXISTS", kBusy,
     "another session on the token is open; end other programs that use it"},
    {CKR_SESSION_READ_ONLY_EXISTS, "CKR_SESSION_READ_ONLY_EXISTS", kBusy,
     "a read-only session on the token is open; end other programs that use it"},
    {CKR_SESSION_READ_WRITE_SO_EXISTS, "CKR_SESSION_READ_WRITE_SO_EXISTS", kBusy,
     "the security officer is logged in to the token; log the officer out"},
    {CKR_SIGNATURE_INVALID, "CKR_SIGNATURE_INVALID", kDenied, "the signature is not valid"},
    {CKR_SIGNATURE_LEN_RANGE, "CKR_SIGNATURE_LEN_RANGE", kInvalidArgument, "the signature's length is wrong"},
    {CKR_TEMPLATE_INCOMPLETE, "CKR_TEMPLATE_INCOMPLETE", kUnsupported,
     "the token wants an attribute of the key that was not given; use a newer version of the module, or "
     "import the keys"},
    {CKR_TEMPLATE_INCONSISTENT, "CKR_TEMPLATE_INCONSISTENT", kUnsupported,
     "the token does not accept this combination of a key's attributes; use a newer version of the module, "
     "or import the keys"},
    {CKR_TOKEN_NOT_PRESENT, "CKR_TOKEN_NOT_PRESENT", kUnavailable,
     "the token is not in its slot; connect it again"},
    {CKR_TOKEN_NOT_RECOGNIZED, "CKR_TOKEN_NOT_RECOGNIZED", kUnavailable,
     "the module does not recognise the token; check that it is the right device for this module"},
    {CKR_TOKEN_WRITE_PROTECTED, "CKR_TOKEN_WRITE_PROTECTED", kDenied,
     "the token is write-protected; remove the protection"},
    {CKR_UNWRAPPING_KEY_HANDLE_INVALID, "CKR_UNWRAPPING_KEY_HANDLE_INVALID", kUnavailable,
     "the token does not know the unwrapping key"},
    {CKR_UNWRAPPING_KEY_SIZE_RANGE, "CKR_UNWRAPPING_KEY_SIZE_RANGE", kUnsupported,
     "the token does not accept an unwrapping key of this size"},
    {CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT, "CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT", kUnsupported,
     "the token does not accept an unwrapping key of this type"},
    {CKR_USER_ALREADY_LOGGED_IN, "CKR_USER_ALREADY_LOGGED_IN", kConflict,
     "the user is logged in to the token already"},
    {CKR_USER_NOT_LOGGED_IN, "CKR_USER_NOT_LOGGED_IN", kUnavailable,
     "the token ended the login; log in again with `claviger unlock` if this does not mend itself"},
    {CKR_USER_PIN_NOT_INITIALIZED, "CKR_USER_PIN_NOT_INITIALIZED", kConfiguration,
     "the token has no user PIN yet; set it with `claviger token init` and the SO PIN, or with the token's "
     "own tool"},
    {CKR_USER_TYPE_INVALID, "CKR_USER_TYPE_INVALID", kInternal,
     "the module does not know the kind of user; report this with the module's name and version"},
    {CKR_USER_ANOTHER_ALREADY_LOGGED_IN, "CKR_USER_ANOTHER_ALREADY_LOGGED_IN", kBusy,
     "another user is logged in to the token; end other programs that use it"},
    {CKR_USER_TOO_MANY_TYPES, "CKR_USER_TOO_MANY_TYPES", kBusy,
     "too many users are logged in to the token; end other programs that use it"},
    {CKR_WRAPPED_KEY_INVALID, "CKR_WRAPPED_KEY_INVALID", kInvalidArgument, "the wrapped key is not valid"},
    {CKR_WRAPPED_KEY_LEN_RANGE, "CKR_WRAPPED_KEY_LEN_RANGE", kInvalidArgument,
     "the wrapped key's length is wrong"},
    {CKR_WRAPPING_KEY_HANDLE_INVALID, "CKR_WRAPPING_KEY_HANDLE_INVALID", kUnavailable,
     "the token does not know the wrapping key"},
    {CKR_WRAPPING_KEY_SIZE_RANGE, "CKR_WRAPPING_KEY_SIZE_RANGE", kUnsupported,
     "the token does not accept a wrapping key of this size"},
    {CKR_WRAPPING_KEY_TYPE_INCONSISTENT, "CKR_WRAPPING_KEY_TYPE_INCONSISTENT", kUnsupported,
     "the token does not accept a wrapping key of this type"},
    {CKR_RANDOM_SEED_NOT_SUPPORTED, "CKR_RANDOM_SEED_NOT_SUPPORTED", kUnsupported,
     "the token's random generator takes no seed"},
    {CKR_RANDOM_NO_RNG, "CKR_RANDOM_NO_RNG", kUnsupported,
     "the token has no random generator; use a token that has one"},
    {CKR_DOMAIN_PARAMS_INVALID, "CKR_DOMAIN_PARAMS_INVALID", kInvalidArgument,
     "the token rejected the domain parameters"},
    {CKR_CURVE_NOT_SUPPORTED, "CKR_CURVE_NOT_SUPPORTED", kUnsupported,
     "the token does not support this curve"},
    {CKR_BUFFER_TOO_SMALL, "CKR_BUFFER_TOO_SMALL", kUnsupported,
     "the token gave a longer answer than HMAC-SHA-256 has; use a newer version of the module"},
    {CKR_SAVED_STATE_INVALID, "CKR_SAVED_STATE_INVALID", kInvalidArgument,
     "the saved state of an operation is not valid"},
    {CKR_INFORMATION_SENSITIVE, "CKR_INFORMATION_SENSITIVE", kDenied,
     "the token does not give this information away"},
    {CKR_STATE_UNSAVEABLE, "CKR_STATE_UNSAVEABLE", kUnsupported,
     "the token cannot save the state of this operation"},
    {CKR_CRYPTOKI_NOT_INITIALIZED, "CKR_CRYPTOKI_NOT_INITIALIZED", kUnavailable,
     "the module is not initialised; try again"},
    {CKR_CRYPTOKI_ALREADY_INITIALIZED, "CKR_CRYPTOKI_ALREADY_INITIALIZED", kInternal,
     "the module was initialised twice; report this as a defect"},
    {CKR_MUTEX_BAD, "CKR_MUTEX_BAD", kInternal,
     "the module met a bad lock; report this with the module's name and version"},
    {CKR_MUTEX_NOT_LOCKED, "CKR_MUTEX_NOT_LOCKED", kInternal,
     "the module met a lock that is not held; report this with the module's name and version"},
    {CKR_NEW_PIN_MODE, "CKR_NEW_PIN_MODE", kDenied,
     "the token wants a new PIN; set it with the token's own tool"},
    {CKR_NEXT_OTP, "CKR_NEXT_OTP", kDenied,
     "the token wants the next one-time password; log in with the token's own tool first"},
    {CKR_EXCEEDED_MAX_ITERATIONS, "CKR_EXCEEDED_MAX_ITERATIONS", kUnavailable,
     "the token gave up after its largest number of attempts; try again"},
    {CKR_FIPS_SELF_TEST_FAILED, "CKR_FIPS_SELF_TEST_FAILED", kUnavailable,
     "the token failed its self-test; it must be repaired or replaced"},
    {CKR_LIBRARY_LOAD_FAILED, "CKR_LIBRARY_LOAD_FAILED", kConfiguration,
     "the module could not load a library that it needs; install it"},
    {CKR_PIN_TOO_WEAK, "CKR_PIN_TOO_WEAK", kInvalidArgument,
     "the PIN is too weak for the token; choose another PIN"},
    {CKR_PUBLIC_KEY_INVALID, "CKR_PUBLIC_KEY_INVALID", kInvalidArgument, "the token rejected the public key"},
    {CKR_FUNCTION_REJECTED, "CKR_FUNCTION_REJECTED", kDenied,
     "the token's user rejected the operation; repeat it and confirm it at the token"},
});

}  // namespace

std::span<const CkrEntry> CkrTable() { return kTable; }

const CkrEntry* FindCkr(unsigned long value) {
  const auto* entry = std::ranges::lower_bound(kTable, value, {}, &CkrEntry::value);
  return entry != kTable.end() && entry->value == value ? entry : nullptr;
}

std::string CkrName(unsigned long value) {
  if (const CkrEntry* entry = FindCkr(value)) return std::string(entry->name);
  return fmt::format("0x{:08x}", value);
}

Error CkrError(unsigned long value, std::string_view function) {
  if (const CkrEntry* entry = FindCkr(value)) {
    return Error(entry->code, fmt::format("{}: {} ({})", function, entry->sentence, entry->name));
  }
  const std::string_view kind = value >= CKR_VENDOR_DEFINED ? "the vendor's own error" : "the unknown error";
  return Error(kUnavailable, fmt::format("{}: the token reported {} {}; look it up in the vendor's manual",
                                         function, kind, CkrName(value)));
}

bool MeansTokenIsGone(unsigned long value) {
  return value == CKR_TOKEN_NOT_PRESENT || value == CKR_DEVICE_REMOVED || value == CKR_SLOT_ID_INVALID ||
         value == CKR_TOKEN_NOT_RECOGNIZED;
}

}  // namespace claviger::hsm
