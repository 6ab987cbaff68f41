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
Outcome<int> RunKeyEdit(Context& context);
Outcome<int> RunKeyPause(Context& context);
Outcome<int> RunKeyResume(Context& context);
Outcome<int> RunKeyPurge(Context& context);
Outcome<int> RunRotateStatus(Context& context);
Outcome<int> RunRotatePlan(Context& context);
Outcome<int> RunRotateApply(Context& context);
Outcome<int> RunRotateFinish(Context& context);
Outcome<int> RunPrincipalLeave(Context& context);
Outcome<int> RunReportLeak(Context& context);
Outcome<int> RunExpire(Context& context);
Outcome<int> RunScopeList(Context& context);
Outcome<int> RunScopeShow(Context& context);
Outcome<int> RunScopeReload(Context& context);
Outcome<int> RunBundleList(Context& context);
Outcome<int> RunReview(Context& context);
Outcome<int> RunPolicyShow(Context& context);
Outcome<int> RunPolicyCheck(Context& context);
Outcome<int> RunAuditList(Context& context);
Outcome<int> RunAuditVerify(Context& context);
Outcome<int> RunAuditCheckpoint(Context& context);
Outcome<int> RunTokenInit(Context& context);
Outcome<int> RunTokenStatus(Context& context);
Outcome<int> RunSetup(Context& context);
Outcome<int> RunBackup(Context& context);
Outcome<int> RunBackupList(Context& context);
Outcome<int> RunRestore(Context& context);
Outcome<int> RunStatus(Context& context);
Outcome<int> RunTop(Context& context);
Outcome<int> RunDoctor(Context& context);
Outcome<int> RunUnlock(Context& context);
Outcome<int> RunLock(Context& context);
Outcome<int> RunReload(Context& context);
Outcome<int> RunLogLevel(Context& context);
Outcome<int> RunCompletion(Context& context);

}  // namespace claviger::cli
