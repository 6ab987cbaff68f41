#include <array>

#include "daemon/api/backup_make.h"
#include "daemon/api/handlers.h"
#include "daemon/api/management.h"

namespace claviger::api {
namespace {

using protocol::Disposition;

boost::json::object StatusJson(Authority& authority, UnixSeconds now) {
  const hsm::TokenStatus token = authority.token().status();
  boost::json::object status = {{"version", CLAVIGER_VERSION},
                                {"started_at", FormatTime(authority.started())},
                                {"now", FormatTime(now)},
                                {"serving", authority.serving()},
                                {"token_state", hsm::TokenStateName(token.state)},
                                {"token_message", token.message},
                                {"clock_suspect", authority.clock().suspect()},
                                {"cached_keys", authority.cache().size()},
                                {"scopes", authority.settings().Get()->catalogue->scopes().size()},
                                {"connections", authority.ConnectionCount()},
                                {"verifications", VerdictsJson(authority.statistics().Verdicts())}};
  const CheckpointStanding audit = authority.checkpoints().standing();
  if (audit.newest) status["newest_checkpoint_at"] = FormatTime(audit.newest->at);
  if (!audit.fault.empty()) status["audit_message"] = audit.fault;
  return status;
}

}  // namespace

Disposition HandleGetStatus(CallContext& context) {
  if (const auto fault = protocol::RefuseParameters(context.call); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  boost::json::object status = StatusJson(context.authority, context.loop.now);
  if (const auto newest = NewestBackup(context.authority)) status["newest_backup_at"] = FormatTime(*newest);
  if (!context.authority.store().is_open()) return context.Reply(status);
  return RunOnStore(
      context, store::WorkKind::kRead,
      [status = std::move(status)](store::Tables& tables, ManagementOutcome& outcome) -> Status {
        const auto count = tables.keys.Count();
        if (!count) return count.error();
        outcome.reply = status;
        outcome.reply["keys"] = *count;
        return Ok();
      });
}

Disposition HandleGetTokenStatus(CallContext& context) {
  if (const auto fault = protocol::RefuseParameters(context.call); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  const hsm::TokenStatus status = context.authority.token().status();
  boost::json::object reply = {{"state", hsm::TokenStateName(status.state)}, {"message", status.message}};
  if (!status.label.empty()) reply["label"] = status.label;
  if (!status.manufacturer.empty()) reply["manufacturer"] = status.manufacturer;
  if (!status.model.empty()) reply["model"] = status.model;
  if (!status.serial.empty()) reply["serial"] = status.serial;
  reply["worker_starts"] = status.worker_starts;
  return context.Reply(reply);
}

}  // namespace claviger::api
