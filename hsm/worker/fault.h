// How the worker's own layers report failure: the reply code and the PKCS#11 code go to clavigerd as they
// are, and are turned into an Error there (hsm/ckr.h), so that the worker needs no sentences.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>

#include "hsm/frame.h"

namespace claviger::hsm {

struct Fault {
  ReplyCode code;
  unsigned long ckr = 0;  // only for kTokenError
  std::string detail;     // the function that failed, or the loader's text; never a secret
};

[[noreturn]] inline void throw_exception_from_error(const Fault& fault, const boost::source_location&) {
  throw std::logic_error("value of a failed result: " + fault.detail);
}

// Result<T> with a Fault; used as Result is.
template <class T>
class [[nodiscard]] TokenResult : public boost::system::result<T, Fault> {
  using Base = boost::system::result<T, Fault>;

 public:
  using Base::Base;
};

inline TokenResult<void> Done() { return TokenResult<void>(boost::system::in_place_value); }
// Success for CKR_OK, otherwise the fault that `function` returned `ckr`.
inline TokenResult<void> FromCkr(unsigned long ckr, const char* function) {
  if (ckr == 0) return Done();
  return Fault{ReplyCode::kTokenError, ckr, function};
}

}  // namespace claviger::hsm
