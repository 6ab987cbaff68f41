// The handlers, one file each (key_create.cc, ...). What they take stands in command_table.cc.
#pragma once

#include "cli/command.h"

namespace claviger::cli {

Outcome<int> RunKeyCreate(Context& context);
Outcome<int> RunKeyList(Context& context);
Outcome<int> RunKeyShow(Context& context);
Outcome<int> RunKeyVerify(Context& context);
Outcome<int> RunKeyRotate(Context& context);
Outcome<int> RunKeyRevoke(Context& context);
Outcome<int> RunScopeList(Context& context);
Outcome<int> RunScopeShow(Context& context);
Outcome<int> RunAuditList(Context& context);
Outcome<int> RunTokenInit(Context& context);
Outcome<int> RunTokenStatus(Context& context);
Outcome<int> RunStatus(Context& context);
Outcome<int> RunDoctor(Context& context);
Outcome<int> RunUnlock(Context& context);
Outcome<int> RunLock(Context& context);
Outcome<int> RunCompletion(Context& context);

}  // namespace claviger::cli
