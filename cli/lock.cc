#include "cli/context.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {

Outcome<int> RunLock(Context& context) {
  const auto confirmed = context.Confirm("stop verifying and issuing until claviger unlock");
  if (!confirmed) return confirmed.error();
  const auto reply = context.daemon().Admin("Lock");
  if (!reply) return reply.error();
  context.output().Note("locked; claviger unlock makes it serve again");
  return protocol::kExitOk;
}

}  // namespace claviger::cli
