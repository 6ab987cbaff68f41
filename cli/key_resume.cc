#include "cli/bulk.h"
#include "cli/verbs.h"

namespace claviger::cli {

Outcome<int> RunKeyResume(Context& context) { return RunBulk(context, kResumeAct); }

}  // namespace claviger::cli
