#include <array>
#include <boost/json/array.hpp>
#include <memory>
#include <utility>

#include "daemon/api/backup_json.h"
#include "daemon/api/backup_make.h"
#include "daemon/api/handlers.h"
#include "daemon/api/management.h"
#include "daemon/api/restore.h"
#include "protocol/limits.h"
#include "protocol/reply.h"

namespace claviger::api {

boost::json::object BackupJson(std::string_view name, const store::BackupContent& content) {
  const store::BackupHeader& header = content.header;
  boost::json::array serials;
  for (const std::string& serial : header.serials) serials.emplace_back(serial);
  return {{"name", name},
          {"made_at", FormatTime(header.made_at)},
          {"bytes", content.file_bytes},
          {"keys", header.content.keys},
          {"audit_records", header.content.audit_records},
          {"schema", header.content.schema},
          {"installation", header.installation},
          {"serials", std::move(serials)}};
}

namespace {

using protocol::Disposition;
using protocol::Parameter;
using protocol::ParameterType;

using Replied = Result<boost::json::object>;

// As RunAsOperatorTask, with more time: a large database is copied for minutes.
Disposition RunLong(CallContext& context, std::function<Replied()> task) {
  WipingBuffer fallback;
  protocol::AppendError(fallback, "io.claviger.Admin.Unavailable",
                        {{"message", "no answer in time; see claviger backup list for what was done"},
                         {"unknown_outcome", true}});
  auto answer = std::make_shared<Answer>(context.Defer(protocol::kBackupDeadline, std::move(fallback)));
  const bool queued = context.authority.tasks().Post([answer, task = std::move(task)] {
    const Replied reply = task();
    WipingBuffer frame;
    if (reply) {
      protocol::AppendReply(frame, *reply);
    } else if (IsRefusal(reply.error())) {
      const Refusal refusal = RefusalOf(reply.error());
      protocol::AppendError(frame, refusal.wire_name, refusal.parameters);
    } else {
      protocol::AppendError(frame, reply.error());
    }
    std::move(*answer).Send(std::move(frame));
  });
  if (!queued) {
    std::move(*answer).SendError(
        Error(ErrorCode::kBusy, "too many operator tasks are waiting already; try again in a moment"));
  }
  return Disposition::kPending;
}

// Of a backup that cannot be used: its name, and why.
boost::json::object ProblemJson(std::string_view name, const Error& error) {
  return {{"name", name}, {"problem", error.message()}};
}

boost::json::object Listed(Authority& authority, const std::string& name, bool check) {
  const std::string path = BackupFolderOf(authority).PathOf(name);
  const auto content = check ? store::ReadBackupFile(path, "") : store::ReadBackupHead(path);
  if (!content) return ProblemJson(name, content.error());
  boost::json::object row = BackupJson(name, *content);
  if (!check) return row;
  if (const Status right = CheckBackupMac(authority, *content, path); !right) {
    row["problem"] = right.error().message();
  }
  return row;
}

Replied ListAll(Authority& authority, bool check) {
  const store::BackupFolder folder = BackupFolderOf(authority);
  const auto names = folder.Names();
  if (!names) return names.error();
  boost::json::array rows;
  for (const std::string& name : *names) rows.push_back(Listed(authority, name, check));
  return boost::json::object{{"folder", folder.path()}, {"backups", std::move(rows)}};
}

Replied Make(Authority& authority, const audit::Actor& actor) {
  const auto made = MakeBackup(authority, actor);
  if (!made) return made.error();
  boost::json::array removed;
  for (const std::string& name : made->removed) removed.emplace_back(name);
  return boost::json::object{{"backup", BackupJson(made->name, made->content)},
                             {"folder", BackupFolderOf(authority).path()},
                             {"removed", std::move(removed)}};
}

}  // namespace

Disposition HandleMakeBackup(CallContext& context) {
  if (const auto fault = protocol::RefuseParameters(context.call); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  return RunLong(context, [&authority = context.authority, actor = ActorOf(context.session)] {
    return Make(authority, actor);
  });
}

Disposition HandleListBackups(CallContext& context) {
  static constexpr std::array kParameters = {Parameter{"check", ParameterType::kBool, false}};
  protocol::Parameters<kParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  const bool check = parameters.OptionalFlag(0).value_or(false);
  return RunLong(context, [&authority = context.authority, check] { return ListAll(authority, check); });
}

Disposition HandlePlanRestore(CallContext& context) {
  static constexpr std::array kParameters = {Parameter{"name", ParameterType::kString, true}};
  protocol::Parameters<kParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  return RunLong(context, [&authority = context.authority, name = std::string(parameters.Text(0))] {
    return PlanRestore(authority, name);
  });
}

Disposition HandleRestoreBackup(CallContext& context) {
  static constexpr std::array kParameters = {Parameter{"name", ParameterType::kString, true},
                                             Parameter{"revive", ParameterType::kBool, false},
                                             Parameter{"without_current", ParameterType::kString, false}};
  protocol::Parameters<kParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  RestoreOrder order{std::string(parameters.Text(0)), parameters.OptionalFlag(1).value_or(false),
                     std::nullopt, ActorOf(context.session)};
  if (const auto text = parameters.OptionalText(2)) {
    if (*text != "pause_all" && *text != "revive_all") return context.InvalidParameter("without_current");
    order.without_current = *text == "pause_all" ? WithoutCurrent::kPauseAll : WithoutCurrent::kReviveAll;
  }
  return RunLong(context, [&authority = context.authority, order = std::move(order)] {
    return RestoreBackup(authority, order);
  });
}

}  // namespace claviger::api
