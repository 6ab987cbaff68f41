#include <array>

#include "cli/context.h"
#include "cli/prompt.h"
#include "cli/secret_input.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

Outcome<Secret> ReadPin(Context& context) {
  if (const auto path = context.invocation().Text("pin-file")) return ReadPinFile(*path);
  if (!context.terminal().input) return ReadStandardInput("PIN");
  auto pin = PromptSecret("User PIN (not shown): ");
  if (pin && pin->empty())
    return UsageFailure("no PIN was typed", "--from-source makes the daemon read its own");
  return pin;
}

}  // namespace

Outcome<int> RunUnlock(Context& context) {
  const bool from_source = context.invocation().Has("from-source");
  if (from_source && context.invocation().Has("pin-file")) {
    return UsageFailure("--from-source and --pin-file exclude each other");
  }
  Secret pin;
  if (!from_source) {
    auto given = ReadPin(context);
    if (!given) return given.error();
    pin = std::move(*given);
  }
  const std::array secrets = {client::SecretParameter{"pin", pin}};
  const auto reply = context.daemon().Admin("Unlock", {}, std::span(secrets).first(from_source ? 0 : 1));
  if (!reply) return reply.error();
  context.output().Note("unlocked");
  return protocol::kExitOk;
}

}  // namespace claviger::cli
