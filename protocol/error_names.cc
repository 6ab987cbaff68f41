#include "protocol/error_names.h"

#include <algorithm>
#include <array>

namespace claviger::protocol {
namespace {

// The first row of a code is what the daemon sends for it; the first row of a name is what the client reads
// in it.
constexpr std::array kErrorNames = {
    ErrorName{ErrorCode::kInvalidArgument, "io.claviger.Admin.Refused", kExitFailure},
    ErrorName{ErrorCode::kInvalidArgument, "org.varlink.service.InvalidParameter", kExitFailure},
    ErrorName{ErrorCode::kInvalidArgument, "org.varlink.service.ExpectedMore", kExitFailure},
    ErrorName{ErrorCode::kLimitExceeded, "io.claviger.Admin.Refused", kExitFailure},
    ErrorName{ErrorCode::kDenied, "org.varlink.service.PermissionDenied", kExitDenied},
    ErrorName{ErrorCode::kConflict, "io.claviger.Admin.Conflict", kExitFailure},
    ErrorName{ErrorCode::kConflict, "io.claviger.Admin.RequestAlreadyDone", kExitFailure},
    // The errors NotFound carry the name that was not found, so handlers send them; this is for anything
    // else.
    ErrorName{ErrorCode::kNotFound, "io.claviger.Admin.Conflict", kExitNotValid},
    ErrorName{ErrorCode::kNotFound, "io.claviger.Admin.KeyNotFound", kExitNotValid},
    ErrorName{ErrorCode::kNotFound, "io.claviger.Admin.ScopeNotFound", kExitNotValid},
    ErrorName{ErrorCode::kBusy, "io.claviger.Admin.Busy", kExitTryLater},
    ErrorName{ErrorCode::kUnavailable, "io.claviger.Admin.Unavailable", kExitTryLater},
    ErrorName{ErrorCode::kUnsupported, "io.claviger.Admin.Conflict", kExitFailure},
    ErrorName{ErrorCode::kUnsupported, "org.varlink.service.InterfaceNotFound", kExitFailure},
    ErrorName{ErrorCode::kUnsupported, "org.varlink.service.MethodNotFound", kExitFailure},
    ErrorName{ErrorCode::kUnsupported, "org.varlink.service.MethodNotImplemented", kExitFailure},
    ErrorName{ErrorCode::kConfiguration, "io.claviger.Admin.Conflict", kExitConfiguration},
    ErrorName{ErrorCode::kCorrupt, "io.claviger.Admin.Corrupt", kExitFailure},
    ErrorName{ErrorCode::kInternal, "io.claviger.Admin.Internal", kExitFailure},
};

}  // namespace

std::span<const ErrorName> ErrorNames() { return kErrorNames; }

const ErrorName& NameOf(ErrorCode code) {
  const auto* row = std::find_if(kErrorNames.begin(), kErrorNames.end(),
                                 [&](const ErrorName& candidate) { return candidate.code == code; });
  return row == kErrorNames.end() ? kErrorNames.back() : *row;
}

ErrorCode CodeOfWireName(std::string_view wire_name) {
  const auto* row = std::find_if(kErrorNames.begin(), kErrorNames.end(), [&](const ErrorName& candidate) {
    return candidate.wire_name == wire_name;
  });
  return row == kErrorNames.end() ? ErrorCode::kInternal : row->code;
}

}  // namespace claviger::protocol
