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

}  // namespace

Outcome<int> RunKeyRotate(Context& context) {
  const auto id = KeyIdArgument(context);
  if (!id) return id.error();
  boost::json::object parameters = {{"key_id", *id}};
  if (const auto added = AddIssueParameters(context, parameters); !added) return added.error();
  if (const auto text = context.invocation().Text("grace")) {
    const auto grace = ReadGrace(*text);
    if (!grace) return grace.error();
    parameters["grace"] = *grace;
    if (*grace == 0) {
      const auto confirmed =
          context.Confirm(fmt::format("end the present secret of key {} at once", EscapeForDisplay(*id)));
      if (!confirmed) return confirmed.error();
    }
  }
  const auto reply = context.daemon().Admin("RotateKey", parameters);
  if (!reply) return reply.error();
  return DeliverKey(context, "rotated", *reply);
}

}  // namespace claviger::cli
