#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/json_view.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {

Outcome<int> RunReload(Context& context) {
  const auto reply = context.daemon().Admin("Reload");
  if (!reply) return reply.error();
  if (context.json()) context.PrintJson(reply->parameters);
  context.output().Note("settings and catalogue are in force");
  for (const std::string& name : ShownList(reply->parameters, "restart_needed")) {
    context.output().Note(name + " has changed; it takes effect when the daemon is restarted");
  }
  return protocol::kExitOk;
}

}  // namespace claviger::cli
