// A PKCS#11 module between claviger-token and SoftHSM that behaves as other tokens do. The variable
// CLAVIGER_ODD_MODULE names a folder; a file in it, by its name, asks for one oddity. Each C_Login adds a
// byte to the file `logins` there.
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

namespace {

CK_FUNCTION_LIST_PTR softhsm = nullptr;
CK_FUNCTION_LIST odd{};

std::string Path(const char* name) {
  const char* folder = std::getenv("CLAVIGER_ODD_MODULE");
  return std::string(folder != nullptr ? folder : "/nonexistent") + '/' + name;
}

bool Asked(const char* name) { return access(Path(name).c_str(), F_OK) == 0; }

CK_RV Login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
  std::ofstream(Path("logins"), std::ios::app) << '.';
  const bool hung = Asked("login_hangs");
  while (Asked("login_hangs")) usleep(10000);
  if (Asked("login_dies")) _exit(9);
  if (Asked("pin_locked_at_login")) return CKR_PIN_LOCKED;
  const CK_RV rv = softhsm->C_Login(session, user, pin, length);
  if (hung) std::ofstream(Path("login_ended")) << rv;
  return rv;
}

CK_RV GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info) {
  const CK_RV rv = softhsm->C_GetTokenInfo(slot, info);
  if (Asked("pin_final_try")) info->flags |= CKF_USER_PIN_FINAL_TRY;
  if (Asked("pin_locked")) info->flags |= CKF_USER_PIN_LOCKED;
  if (Asked("pin_failed_before")) info->flags |= CKF_USER_PIN_COUNT_LOW;
  if (Asked("no_random")) info->flags &= ~CKF_RNG;
  return rv;
}

CK_RV GetMechanismInfo(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR info) {
  if (Asked("no_hmac") && type == CKM_SHA256_HMAC) return CKR_MECHANISM_INVALID;
  if (Asked("only_imports") && type == CKM_GENERIC_SECRET_KEY_GEN) return CKR_MECHANISM_INVALID;
  return softhsm->C_GetMechanismInfo(slot, type, info);
}

CK_RV CopyObject(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR changes, CK_ULONG count,
                 CK_OBJECT_HANDLE_PTR copy) {
  if (Asked("no_copy")) return CKR_FUNCTION_NOT_SUPPORTED;
  return softhsm->C_CopyObject(session, object, changes, count, copy);
}

CK_RV SignInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
  if (Asked("device_error")) return CKR_DEVICE_ERROR;
  // Once: the handle that the worker holds is stale, a new search finds the key.
  if (unlink(Path("stale_handle").c_str()) == 0) return CKR_KEY_HANDLE_INVALID;
  return softhsm->C_SignInit(session, mechanism, key);
}

CK_RV Initialize(CK_VOID_PTR arguments) {
  if (Asked("does_not_start")) return CKR_GENERAL_ERROR;
  return softhsm->C_Initialize(arguments);
}

CK_RV GenerateKey(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_ATTRIBUTE_PTR key, CK_ULONG count,
                  CK_OBJECT_HANDLE_PTR object) {
  if (Asked("no_generate")) return CKR_MECHANISM_INVALID;
  return softhsm->C_GenerateKey(session, mechanism, key, count, object);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
  void* handle = dlopen("/usr/lib/softhsm/libsofthsm2.so", RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return CKR_LIBRARY_LOAD_FAILED;
  const auto get = reinterpret_cast<CK_C_GetFunctionList>(dlsym(handle, "C_GetFunctionList"));
  if (const CK_RV rv = get(&softhsm); rv != CKR_OK) return rv;
  odd = *softhsm;
  odd.C_Initialize = Initialize;
  odd.C_Login = Login;
  odd.C_GetTokenInfo = GetTokenInfo;
  odd.C_GetMechanismInfo = GetMechanismInfo;
  odd.C_CopyObject = CopyObject;
  odd.C_SignInit = SignInit;
  odd.C_GenerateKey = GenerateKey;
  *list = &odd;
  return CKR_OK;
}
