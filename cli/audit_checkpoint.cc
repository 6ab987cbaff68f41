#include "cli/context.h"
#include "cli/json_view.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {

Outcome<int> RunAuditCheckpoint(Context& context) {
  const auto reply = context.daemon().Admin("CheckpointAudit");
  if (!reply) return reply.error();
  if (context.json()) {
    context.PrintJson(reply->parameters);
    return protocol::kExitOk;
  }
  context.output().Print(ShownText(reply->parameters, "checkpoint") + "\n");
  return protocol::kExitOk;
}

}  // namespace claviger::cli
