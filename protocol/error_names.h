// One table: each error code, its name on the wire, and the exit status that the CLI ends with.
#pragma once

#include <span>
#include <string_view>

#include "base/error.h"

namespace claviger::protocol {

struct ErrorName {
  ErrorCode code;
  std::string_view wire_name;  // of io.claviger.Admin or org.varlink.service
  int exit_status;             // as documented in claviger(1)
};

// Several rows where one code has several names, and the reverse.
std::span<const ErrorName> ErrorNames();
// What the daemon sends for an Error of this code, and the exit status for it.
const ErrorName& NameOf(ErrorCode code);
// The code that a client makes of a wire error; kInternal for a name that is not in the table.
ErrorCode CodeOfWireName(std::string_view wire_name);

// sysexits.h and the CLI's own.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitNotValid = 3;  // the key is not valid, or what was named does not exist
inline constexpr int kExitDenied = 4;
inline constexpr int kExitUnreachable = 69;
inline constexpr int kExitTryLater = 75;
inline constexpr int kExitConfiguration = 78;

}  // namespace claviger::protocol
