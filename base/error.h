// The one error type of the project: a code for machines and a sentence for people.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace claviger {

// What kind of thing went wrong. Every foreign code (errno, CKR_*, SQLITE_*) is translated into one of these,
// in one file per source. protocol/error_names.cc maps each to its name on the wire and to the CLI's exit
// status.
enum class ErrorCode {
  kInvalidArgument,  // the caller sent something that can never work
  kDenied,           // the caller may not do this
  kNotFound,         // what was named does not exist
  kConflict,         // it exists already, or is in a state that does not allow this
  kBusy,             // a queue or budget is full; the same request can work later
  kUnavailable,      // the token, the store or the daemon cannot serve now
  kLimitExceeded,    // a named limit would be passed
  kUnsupported,      // this token, library or build cannot do it
  kCorrupt,          // stored or received content contradicts itself
  kConfiguration,    // a setting is wrong; a person has to change it
  kInternal,         // a defect of ours
};

// The code's name in lower case with underscores, as it stands in logs ("not_found").
std::string_view ErrorCodeName(ErrorCode code);

// An error value. `message` is one sentence for the operator that says what happened and what to do; it never
// holds a secret. Lower case, no full stop at its end, so that it can follow "claviger: ".
class Error {
 public:
  // No error that ever happened: boost's result wants one to return from error() of a success.
  Error() : Error(ErrorCode::kInternal, "no error") {}
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }

  // The same error with "context: " put before its sentence.
  Error WithContext(std::string_view context) const;

  friend bool operator==(const Error&, const Error&) = default;

 private:
  ErrorCode code_;
  std::string message_;
};

// An Error of kind `code` from an errno value: "open /x: Permission denied".
Error ErrnoError(ErrorCode code, std::string_view what, int errno_value);

}  // namespace claviger
