#include "cli/exit_status.h"

#include <algorithm>
#include <array>

#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr std::array kExitStatuses = {
    ExitStatus{protocol::kExitOk, "done; for key verify: valid"},
    ExitStatus{protocol::kExitFailure, "refused or failed; the message says why"},
    ExitStatus{protocol::kExitUsage, "the command line is wrong"},
    ExitStatus{protocol::kExitNotValid, "the key is not valid, or what was named does not exist"},
    ExitStatus{protocol::kExitDenied, "you may not do this"},
    ExitStatus{protocol::kExitUnreachable, "the daemon cannot be reached"},
    ExitStatus{protocol::kExitTryLater, "token or store cannot serve now; try again later"},
    ExitStatus{protocol::kExitConfiguration, "a setting is wrong"},
};

constexpr int kTokenFailed = 29;

constexpr std::array kTokenStateStatuses = {
    TokenStateStatus{"ready", protocol::kExitOk},
    TokenStateStatus{"uninitialised", 20},
    TokenStateStatus{"locked", 21},
    TokenStateStatus{"pin_refused", 22},
    TokenStateStatus{"pin_blocked", 23},
    TokenStateStatus{"module_absent", 24},
    TokenStateStatus{"token_absent", 25},
    TokenStateStatus{"foreign_token", 26},
    TokenStateStatus{"keys_missing", 27},
    TokenStateStatus{"unsupported", 28},
    TokenStateStatus{"failed", kTokenFailed},
    TokenStateStatus{"starting", kTokenFailed},
};

}  // namespace

std::span<const ExitStatus> ExitStatuses() { return kExitStatuses; }

std::span<const TokenStateStatus> TokenStateStatuses() { return kTokenStateStatuses; }

int StatusOfTokenState(std::string_view state) {
  const auto* row = std::find_if(kTokenStateStatuses.begin(), kTokenStateStatuses.end(),
                                 [&](const TokenStateStatus& candidate) { return candidate.state == state; });
  return row == kTokenStateStatuses.end() ? kTokenFailed : row->status;
}

int StatusOfVerdict(std::string_view code) {
  if (code == "valid") return protocol::kExitOk;
  if (code == "rate_limited" || code == "unavailable") return protocol::kExitTryLater;
  return protocol::kExitNotValid;
}

}  // namespace claviger::cli
