#include "cli/failure.h"

#include <utility>

#include "protocol/error_names.h"

namespace claviger::cli {

Failure FailureOf(const Error& error) {
  return Failure{protocol::NameOf(error.code()).exit_status, error.message(), ""};
}

Failure UsageFailure(std::string message, std::string hint) {
  return Failure{protocol::kExitUsage, std::move(message), std::move(hint)};
}

}  // namespace claviger::cli
