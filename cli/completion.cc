#include "cli/completion.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/context.h"
#include "cli/nearest.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {

Outcome<int> RunCompletion(Context& context) {
  const std::string& shell = context.invocation().argument();
  if (shell == "bash") {
    context.output().Print(BashCompletion());
  } else if (shell == "zsh") {
    context.output().Print(ZshCompletion());
  } else if (shell == "fish") {
    context.output().Print(FishCompletion());
  } else {
    const std::string_view nearest = NearestChoice(ValueKind::kShell, shell);
    return UsageFailure(fmt::format("there are no completions for \"{}\"", EscapeForDisplay(shell)),
                        nearest.empty() ? "there are some for bash, zsh and fish"
                                        : fmt::format("did you mean: claviger completion {}", nearest));
  }
  return protocol::kExitOk;
}

}  // namespace claviger::cli
