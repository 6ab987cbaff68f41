// Result<T>: a value or an Error. Boost's result with two things added: it may not be ignored, and its error
// is ours.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <utility>

#include "base/error.h"

namespace claviger {

// Called by boost only when value() is asked of an error: a defect of the caller, since we test before we
// take.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::logic_error("value of a failed Result: " + error.message());
}

// Use: `auto x = F(); if (!x) return x.error(); Use(*x);`. Taking * of an error is undefined, as for
// std::optional.
template <class T>
class [[nodiscard]] Result : public boost::system::result<T, Error> {
  using Base = boost::system::result<T, Error>;

 public:
  using Base::Base;
};

// A Result without a value. `Ok()` is its success.
using Status = Result<void>;
inline Status Ok() { return Status(boost::system::in_place_value); }

}  // namespace claviger
