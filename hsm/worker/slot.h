// A slot: the place where a token is.
#pragma once

#include <p11-kit/pkcs11.h>

#include "hsm/worker/token.h"

namespace claviger::hsm {

// A value; valid while its module is initialised. Slot ids may change between two initialisations, so that
// they are never stored.
class Slot {
 public:
  Slot(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID id) : functions_(functions), id_(id) {}

  CK_SLOT_ID id() const { return id_; }
  // The token in this slot; its functions report CKR_TOKEN_NOT_PRESENT when there is none.
  Token token() const { return Token(functions_, id_); }

 private:
  CK_FUNCTION_LIST_PTR functions_;
  CK_SLOT_ID id_;
};

}  // namespace claviger::hsm
