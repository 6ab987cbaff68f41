#include "cli/context.h"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "cli/prompt.h"
#include "protocol/error_names.h"

namespace claviger::cli {

void Context::PrintJson(const boost::json::object& object) {
  output_.Print(boost::json::serialize(object));
  output_.Print("\n");
}

Outcome<void> Context::Confirm(std::string_view act) {
  if (invocation_.Has("yes")) return {};
  if (!terminal_.input) {
    return UsageFailure(fmt::format("there is no terminal on which to ask: {}?", act),
                        "add --yes if that is meant");
  }
  const auto yes = PromptYes(fmt::format("{}? [y/N] ", act));
  if (!yes) return yes.error();
  if (!*yes) return Failure{protocol::kExitFailure, "not confirmed; nothing was done", ""};
  return {};
}

}  // namespace claviger::cli
