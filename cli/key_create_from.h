// `claviger key create --from`: keys that a file names.
#pragma once

#include "cli/context.h"

namespace claviger::cli {

// The options --out and --rejects belong to --from alone.
Outcome<void> CheckIssueOptions(const Context& context);
Outcome<int> RunKeyCreateFrom(Context& context);

}  // namespace claviger::cli
