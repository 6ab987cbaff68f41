// How a command ends badly: one sentence, what to do, and the exit status.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/result.h"

namespace claviger::cli {

// `message` is as in base/error.h. `hint` is a sentence of the same kind that says what to do; empty if there
// is nothing to add. `field` is the parameter that the daemon refuses, as on the wire ("expires_at"); empty
// if it is none. The message then begins with what it is called on the command line and ": ".
struct Failure {
  // No failure that ever happened: boost's result wants one to return from error() of a success.
  Failure() = default;
  Failure(int status, std::string sentence, std::string what_to_do = "")
      : exit_status(status), message(std::move(sentence)), hint(std::move(what_to_do)) {}

  int exit_status = 1;
  std::string message;
  std::string hint;
  std::string field = {};
};

// The failure for an error that came from this host, not from the daemon: the status of its code in
// protocol/error_names.h.
Failure FailureOf(const Error& error);
// A command line that cannot be carried out.
Failure UsageFailure(std::string message, std::string hint = "");

// Called by boost only when value() is asked of a failure: a defect of the caller.
[[noreturn]] inline void throw_exception_from_error(const Failure& failure, const boost::source_location&) {
  throw std::logic_error("value of a failed Outcome: " + failure.message);
}

// A value or the Failure that the command ends with. Taking * of a failure is undefined.
template <class T>
class [[nodiscard]] Outcome : public boost::system::result<T, Failure> {
  using Base = boost::system::result<T, Failure>;

 public:
  using Base::Base;
};

}  // namespace claviger::cli
