#include "cli/bulk.h"
#include "cli/verbs.h"

namespace claviger::cli {

Outcome<int> RunKeyRevoke(Context& context) { return RunBulk(context, kRevokeAct); }

}  // namespace claviger::cli
