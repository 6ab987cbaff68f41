// Every status that claviger exits with, in one place; claviger(1) documents the same.
#pragma once

#include <span>
#include <string_view>

namespace claviger::cli {

struct ExitStatus {
  int status;
  std::string_view meaning;
};
std::span<const ExitStatus> ExitStatuses();

// A state of io.claviger.Admin.GetTokenStatus and the status that `claviger token status` exits with for it.
struct TokenStateStatus {
  std::string_view state;
  int status;
};
std::span<const TokenStateStatus> TokenStateStatuses();
// A state that is not in the table counts as failed.
int StatusOfTokenState(std::string_view state);

// The status for a verdict's code (io.claviger.Verify.Verify).
int StatusOfVerdict(std::string_view code);

}  // namespace claviger::cli
