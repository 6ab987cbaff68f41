#include "hsm/token_client.h"

namespace claviger::hsm {

std::string_view TokenStateName(TokenState state) {
  switch (state) {
    case TokenState::kStarting:
      return "starting";
    case TokenState::kReady:
      return "ready";
    case TokenState::kUninitialised:
      return "uninitialised";
    case TokenState::kLocked:
      return "locked";
    case TokenState::kPinRefused:
      return "pin_refused";
    case TokenState::kPinBlocked:
      return "pin_blocked";
    case TokenState::kModuleAbsent:
      return "module_absent";
    case TokenState::kTokenAbsent:
      return "token_absent";
    case TokenState::kForeignToken:
      return "foreign_token";
    case TokenState::kKeysMissing:
      return "keys_missing";
    case TokenState::kUnsupported:
      return "unsupported";
    case TokenState::kFailed:
      return "failed";
  }
  return "failed";
}

}  // namespace claviger::hsm
