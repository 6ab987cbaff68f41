#include <fmt/format.h>

#include "base/text.h"
#include "cli/issued_key.h"
#include "cli/verbs.h"

namespace claviger::cli {
namespace {

// Seconds from "1d" or "0".
Outcome<std::int64_t> ReadGrace(const std::string& text) {
  if (text == "0" || text == "0s") return 0;
  const auto duration = ParseDuration(text);
  if (duration) return *duration;
  return UsageFailure(fmt::format("--grace: {}", EscapeForDisplay(duration.error().message())),
                      "--grace 0 ends the present secret at once");
}

// --grace, --until-used and --leaked: what becomes of the present secret.
Outcome<void> AddGrace(const Context& context, boost::json::object& parameters) {
  const Invocation& invocation = context.invocation();
  if (invocation.Has("leaked")) {
    for (const char* other : {"grace", "until-used"}) {
      if (!invocation.Has(other)) continue;
      return UsageFailure(fmt::format("--leaked and --{} exclude each other", other),
                          "a secret that has leaked has no grace: leave the other out");
    }
    parameters["leaked"] = true;
  }
  if (invocation.Has("until-used")) parameters["until_used"] = true;
  if (const auto text = invocation.Text("grace")) {
    const auto grace = ReadGrace(*text);
    if (!grace) return grace.error();
    parameters["grace"] = *grace;
  }
  return {};
}

bool EndsAtOnce(const boost::json::object& parameters) {
  const auto* grace = parameters.if_contains("grace");
  return parameters.contains("leaked") || (grace != nullptr && *grace == 0);
}

}  // namespace

Outcome<int> RunKeyRotate(Context& context) {
  const auto id = KeyIdArgument(context);
  if (!id) return id.error();
  boost::json::object parameters = {{"key_id", *id}};
  if (const auto added = AddIssueParameters(context, parameters); !added) return added.error();
  if (const auto added = AddGrace(context, parameters); !added) return added.error();
  if (EndsAtOnce(parameters)) {
    const auto confirmed =
        context.Confirm(fmt::format("end the present secret of key {} at once", EscapeForDisplay(*id)));
    if (!confirmed) return confirmed.error();
  }
  auto file = OpenOutputFile(context);
  if (!file) return file.error();
  const auto reply = context.daemon().Admin("RotateKey", parameters);
  if (!reply) return reply.error();
  return DeliverKey(context, "rotated", *reply, std::move(*file));
}

}  // namespace claviger::cli
