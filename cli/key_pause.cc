#include "cli/bulk.h"
#include "cli/verbs.h"

namespace claviger::cli {

Outcome<int> RunKeyPause(Context& context) { return RunBulk(context, kPauseAct); }

}  // namespace claviger::cli
