#include <fmt/format.h>

#include <vector>

#include "cli/context.h"
#include "cli/json_view.h"
#include "cli/prompt.h"
#include "cli/secret_input.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

// From the file that `option` names, or typed; empty: none.
Outcome<Secret> FileOrPrompt(Context& context, std::string_view option, std::string_view question) {
  if (const auto path = context.invocation().Text(option)) return ReadPinFile(*path);
  if (!context.terminal().input) return Secret();
  return PromptSecret(question);
}

Outcome<Secret> UserPin(Context& context) {
  auto pin = FileOrPrompt(context, "pin-file", "User PIN (not shown; empty: the daemon's own source): ");
  if (!pin || pin->empty() || context.invocation().Has("pin-file")) return pin;
  const auto again = PromptSecret("User PIN again: ");
  if (!again) return again.error();
  if (!EqualInConstantTime(pin->ExposeBytes(), again->ExposeBytes())) {
    return UsageFailure("the two PINs differ; nothing was done");
  }
  return pin;
}

}  // namespace

Outcome<int> RunTokenInit(Context& context) {
  const auto pin = UserPin(context);
  if (!pin) return pin.error();
  const auto so_pin = FileOrPrompt(context, "so-pin-file",
                                   "Security officer's PIN (not shown; empty if the token is not blank): ");
  if (!so_pin) return so_pin.error();
  std::vector<client::SecretParameter> secrets;
  if (!pin->empty()) secrets.push_back({"pin", *pin});
  if (!so_pin->empty()) secrets.push_back({"so_pin", *so_pin});
  boost::json::object parameters;
  if (const auto label = context.invocation().Text("label")) parameters["label"] = *label;
  const auto reply = context.daemon().Admin("InitialiseToken", parameters, secrets);
  if (!reply) return reply.error();
  context.output().Note(fmt::format("bound to the token \"{}\", serial {}",
                                    ShownText(reply->parameters, "label"),
                                    ShownText(reply->parameters, "serial")));
  return protocol::kExitOk;
}

}  // namespace claviger::cli
