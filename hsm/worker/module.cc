#include "hsm/worker/module.h"

#include <dlfcn.h>

namespace claviger::hsm {
namespace {

Fault LoaderFault() {
  const char* text = dlerror();
  return Fault{ReplyCode::kModuleAbsent, 0, text != nullptr ? text : "unknown loader error"};
}

}  // namespace

TokenResult<std::unique_ptr<Module>> Module::Load(const std::string& path) {
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return LoaderFault();
  const auto get_list = reinterpret_cast<CK_C_GetFunctionList>(dlsym(handle, "C_GetFunctionList"));
  if (get_list == nullptr) return LoaderFault();
  CK_FUNCTION_LIST_PTR functions = nullptr;
  if (const CK_RV rv = get_list(&functions); rv != CKR_OK) {
    return Fault{ReplyCode::kTokenError, rv, "C_GetFunctionList"};
  }
  if (functions == nullptr) return Fault{ReplyCode::kModuleAbsent, 0, "C_GetFunctionList gave no functions"};
  return std::unique_ptr<Module>(new Module(functions));
}

TokenResult<void> Module::Initialise() {
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  const CK_RV rv = functions_->C_Initialize(&arguments);
  initialised_ = rv == CKR_OK;
  return FromCkr(rv, "C_Initialize");
}

void Module::Finalise() {
  // The process ends next, whatever the module says.
  if (initialised_) functions_->C_Finalize(nullptr);
  initialised_ = false;
}

TokenResult<CK_INFO> Module::Info() const {
  CK_INFO info{};
  if (const CK_RV rv = functions_->C_GetInfo(&info); rv != CKR_OK) {
    return Fault{ReplyCode::kTokenError, rv, "C_GetInfo"};
  }
  return info;
}

TokenResult<std::vector<Slot>> Module::SlotsWithToken() const {
  std::vector<CK_SLOT_ID> ids;
  CK_RV rv = CKR_OK;
  do {
    // A token may arrive between the two calls: the second then says that the buffer is too small.
    CK_ULONG count = 0;
    rv = functions_->C_GetSlotList(1, nullptr, &count);
    if (rv != CKR_OK) break;
    ids.resize(count);
    rv = functions_->C_GetSlotList(1, ids.data(), &count);
    if (rv == CKR_OK) ids.resize(count);
  } while (rv == CKR_BUFFER_TOO_SMALL);
  if (rv != CKR_OK) return Fault{ReplyCode::kTokenError, rv, "C_GetSlotList"};
  std::vector<Slot> slots;
  slots.reserve(ids.size());
  for (const CK_SLOT_ID id : ids) slots.emplace_back(functions_, id);
  return slots;
}

}  // namespace claviger::hsm
