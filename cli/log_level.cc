#include "cli/context.h"
#include "cli/json_view.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {

Outcome<int> RunLogLevel(Context& context) {
  boost::json::object parameters;
  if (const std::string& level = context.invocation().argument(); !level.empty()) parameters["level"] = level;
  const auto reply = context.daemon().Admin("SetLogLevel", parameters);
  if (!reply) return reply.error();
  if (context.json()) {
    context.PrintJson(reply->parameters);
    return protocol::kExitOk;
  }
  const std::string level = ShownText(reply->parameters, "level");
  const std::string configured = ShownText(reply->parameters, "configured");
  context.output().Print(level + "\n");
  if (level != configured) {
    context.output().Note("until the next reload or restart; the settings file says " + configured);
  }
  return protocol::kExitOk;
}

}  // namespace claviger::cli
