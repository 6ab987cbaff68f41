#include "daemon/api/method_table.h"

#include <array>

#include "daemon/api/handlers.h"
#include "daemon/api/verify_handler.h"

namespace claviger::api {
namespace {

using keys::RoleSet;
constexpr auto kAdmin = keys::Role::kAdmin;
constexpr auto kAuditor = keys::Role::kAuditor;
constexpr auto kIssuer = keys::Role::kIssuer;
constexpr auto kVerifier = keys::Role::kVerifier;
constexpr RoleSet kEveryone{};

// The call on every service's path first, then by interface.
constexpr std::array kMethods = {
    Method{"io.claviger.Verify.Verify", true, {kVerifier, kAdmin}, HandleVerify},
    Method{"io.claviger.Verify.WhoAmI", true, kEveryone, HandleWhoAmI},

    Method{"org.varlink.service.GetInfo", true, kEveryone, HandleGetInfo},
    Method{"org.varlink.service.GetInterfaceDescription", true, kEveryone, HandleGetInterfaceDescription},

    Method{"io.claviger.Admin.CreateKey", false, {kAdmin, kIssuer}, HandleCreateKey},
    Method{"io.claviger.Admin.PreviewKey", false, {kAdmin, kIssuer}, HandlePreviewKey},
    Method{"io.claviger.Admin.ListKeys", false, {kAdmin, kAuditor, kIssuer}, HandleListKeys},
    Method{"io.claviger.Admin.CountKeys", false, {kAdmin, kAuditor, kIssuer}, HandleCountKeys},
    Method{"io.claviger.Admin.GetKey", false, {kAdmin, kAuditor, kIssuer}, HandleGetKey},
    Method{"io.claviger.Admin.EditKey", false, {kAdmin, kIssuer}, HandleEditKey},
    Method{"io.claviger.Admin.RotateKey", false, {kAdmin, kIssuer}, HandleRotateKey},
    Method{"io.claviger.Admin.RevokeKey", false, {kAdmin, kIssuer}, HandleRevokeKey},
    Method{"io.claviger.Admin.RevokeKeys", false, {kAdmin, kIssuer}, HandleRevokeKeys},
    Method{"io.claviger.Admin.PauseKeys", false, {kAdmin, kIssuer}, HandlePauseKeys},
    Method{"io.claviger.Admin.ResumeKeys", false, {kAdmin, kIssuer}, HandleResumeKeys},
    Method{"io.claviger.Admin.PurgeKeys", false, {kAdmin}, HandlePurgeKeys},
    Method{"io.claviger.Admin.ReportLeak", false, {kAdmin, kAuditor, kIssuer}, HandleReportLeak},
    Method{"io.claviger.Admin.AnnounceExpiries", false, {kAdmin}, HandleAnnounceExpiries},
    Method{"io.claviger.Admin.GetReview", false, {kAdmin, kAuditor}, HandleGetReview},
    Method{"io.claviger.Admin.GetPolicy", false, {kAdmin, kAuditor, kIssuer}, HandleGetPolicy},
    Method{"io.claviger.Admin.CheckPolicy", false, {kAdmin, kAuditor}, HandleCheckPolicy},
    Method{"io.claviger.Admin.ListScopes", false, {kAdmin, kAuditor, kIssuer}, HandleListScopes},
    Method{"io.claviger.Admin.GetScope", false, {kAdmin, kAuditor, kIssuer}, HandleGetScope},
    Method{"io.claviger.Admin.ListBundles", false, {kAdmin, kAuditor, kIssuer}, HandleListBundles},
    Method{"io.claviger.Admin.ReloadCatalogue", false, {kAdmin}, HandleReloadCatalogue},
    Method{"io.claviger.Admin.ListAudit", false, {kAdmin, kAuditor}, HandleListAudit},
    Method{"io.claviger.Admin.VerifyAudit", false, {kAdmin, kAuditor}, HandleVerifyAudit},
    Method{"io.claviger.Admin.CheckpointAudit", false, {kAdmin}, HandleCheckpointAudit},
    Method{"io.claviger.Admin.Reload", false, {kAdmin}, HandleReload},
    Method{"io.claviger.Admin.SetLogLevel", false, {kAdmin}, HandleSetLogLevel},
    Method{"io.claviger.Admin.MakeBackup", false, {kAdmin}, HandleMakeBackup},
    Method{"io.claviger.Admin.ListBackups", false, {kAdmin, kAuditor}, HandleListBackups},
    Method{"io.claviger.Admin.PlanRestore", false, {kAdmin}, HandlePlanRestore},
    Method{"io.claviger.Admin.RestoreBackup", false, {kAdmin}, HandleRestoreBackup},
    Method{"io.claviger.Admin.GetStatus", false, {kAdmin, kAuditor, kIssuer}, HandleGetStatus},
    Method{"io.claviger.Admin.GetStatistics", false, {kAdmin, kAuditor}, HandleGetStatistics},
    Method{"io.claviger.Admin.GetTokenStatus", false, {kAdmin, kAuditor, kIssuer}, HandleGetTokenStatus},
    Method{"io.claviger.Admin.InitialiseToken", false, {kAdmin}, HandleInitialiseToken},
    Method{"io.claviger.Admin.Unlock", false, {kAdmin}, HandleUnlock},
    Method{"io.claviger.Admin.Lock", false, {kAdmin}, HandleLock},
    Method{"io.claviger.Admin.Diagnose", false, {kAdmin, kAuditor}, HandleDiagnose},
};

}  // namespace

std::span<const Method> Methods() { return kMethods; }

const Method* FindMethod(std::string_view name, protocol::Face face) {
  for (const Method& method : kMethods) {
    if (method.name == name)
      return method.on_verify_face || face == protocol::Face::kAdmin ? &method : nullptr;
  }
  return nullptr;
}

}  // namespace claviger::api
