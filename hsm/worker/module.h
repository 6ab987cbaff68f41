// A loaded PKCS#11 module. Single-threaded, as is all of the worker.
#pragma once

#include <p11-kit/pkcs11.h>

#include <memory>
#include <string>
#include <vector>

#include "hsm/worker/fault.h"
#include "hsm/worker/slot.h"

namespace claviger::hsm {

// Never unloaded: modules do not survive dlclose. Finalise() is called explicitly, before _exit and never
// from an exit handler, where OpenSSL may be gone already. Not used across fork.
class Module {
 public:
  // dlopen and C_GetFunctionList. kModuleAbsent with the loader's text.
  static TokenResult<std::unique_ptr<Module>> Load(const std::string& path);
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  // C_Initialize with CKF_OS_LOCKING_OK: a module may have threads of its own. At most once.
  TokenResult<void> Initialise();
  // C_Finalize, if Initialise succeeded. All sessions end.
  void Finalise();
  // CK_INFO.libraryDescription, padded as it comes.
  TokenResult<CK_INFO> Info() const;
  // The slots that hold a token (C_GetSlotList). They live as long as the module.
  TokenResult<std::vector<Slot>> SlotsWithToken() const;

 private:
  explicit Module(CK_FUNCTION_LIST_PTR functions) : functions_(functions) {}

  CK_FUNCTION_LIST_PTR functions_;
  bool initialised_ = false;
};

}  // namespace claviger::hsm
