// The return values of PKCS#11 2.40 (section 11.1), translated once for the whole project.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace claviger::hsm {

// One CKR_* value: its name, the kind of error it is to us, and what it means for the operator.
struct CkrEntry {
  unsigned long value;
  std::string_view name;      // "CKR_PIN_LOCKED"
  ErrorCode code;             // of CKR_OK: kInternal, since success is no error
  std::string_view sentence;  // what happened and what to do; lower case, no full stop at its end
};

// All known values, ascending. Static storage.
std::span<const CkrEntry> CkrTable();
// The entry of `value`, or nullptr for a value that PKCS#11 2.40 does not name.
const CkrEntry* FindCkr(unsigned long value);
// "CKR_PIN_LOCKED", or the number in hexadecimal if it is unknown.
std::string CkrName(unsigned long value);
// The error for `value` as returned by `function` ("C_Login"). Unknown and vendor-defined values become
// kUnavailable.
Error CkrError(unsigned long value, std::string_view function);
// True if `value` says that the token is not there (any more).
bool MeansTokenIsGone(unsigned long value);

}  // namespace claviger::hsm
