// The handlers of all methods but Verify; what each does is said in protocol/*.varlink.
#pragma once

#include "daemon/api/call_context.h"

namespace claviger::api {

// service_handlers.cc
protocol::Disposition HandleGetInfo(CallContext& context);
protocol::Disposition HandleGetInterfaceDescription(CallContext& context);
protocol::Disposition HandleWhoAmI(CallContext& context);

// create_handlers.cc
protocol::Disposition HandleCreateKey(CallContext& context);
protocol::Disposition HandlePreviewKey(CallContext& context);

// key_handlers.cc: changes of one key
protocol::Disposition HandleEditKey(CallContext& context);
protocol::Disposition HandleRotateKey(CallContext& context);
protocol::Disposition HandleRevokeKey(CallContext& context);

// bulk_handlers.cc: changes of several keys
protocol::Disposition HandleRevokeKeys(CallContext& context);
protocol::Disposition HandlePauseKeys(CallContext& context);
protocol::Disposition HandleResumeKeys(CallContext& context);
protocol::Disposition HandlePurgeKeys(CallContext& context);

// leak_handler.cc
protocol::Disposition HandleReportLeak(CallContext& context);

// expiry_handler.cc
protocol::Disposition HandleAnnounceExpiries(CallContext& context);

// list_handlers.cc: reads
protocol::Disposition HandleListKeys(CallContext& context);
protocol::Disposition HandleCountKeys(CallContext& context);
protocol::Disposition HandleGetKey(CallContext& context);
protocol::Disposition HandleListAudit(CallContext& context);

// audit_handlers.cc
protocol::Disposition HandleCheckpointAudit(CallContext& context);
protocol::Disposition HandleVerifyAudit(CallContext& context);

// review_handler.cc
protocol::Disposition HandleGetReview(CallContext& context);

// policy_handlers.cc
protocol::Disposition HandleGetPolicy(CallContext& context);
protocol::Disposition HandleCheckPolicy(CallContext& context);

// scope_handlers.cc
protocol::Disposition HandleListScopes(CallContext& context);
protocol::Disposition HandleGetScope(CallContext& context);
protocol::Disposition HandleListBundles(CallContext& context);

// catalogue_handler.cc
protocol::Disposition HandleReloadCatalogue(CallContext& context);

// settings_handlers.cc
protocol::Disposition HandleReload(CallContext& context);
protocol::Disposition HandleSetLogLevel(CallContext& context);

// status_handlers.cc
protocol::Disposition HandleGetStatus(CallContext& context);
protocol::Disposition HandleGetTokenStatus(CallContext& context);

// statistics_handler.cc
protocol::Disposition HandleGetStatistics(CallContext& context);

// token_handlers.cc
protocol::Disposition HandleInitialiseToken(CallContext& context);
protocol::Disposition HandleUnlock(CallContext& context);
protocol::Disposition HandleLock(CallContext& context);

// backup_handlers.cc
protocol::Disposition HandleMakeBackup(CallContext& context);
protocol::Disposition HandleListBackups(CallContext& context);
protocol::Disposition HandlePlanRestore(CallContext& context);
protocol::Disposition HandleRestoreBackup(CallContext& context);

// diagnose_handler.cc
protocol::Disposition HandleDiagnose(CallContext& context);

}  // namespace claviger::api
