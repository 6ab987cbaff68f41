#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "cli/backup_view.h"
#include "cli/context.h"
#include "cli/file_copy.h"
#include "cli/json_view.h"
#include "cli/prompt.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

namespace fs = std::filesystem;

// The folder of backups, as the daemon tells it.
Outcome<std::string> FolderOfBackups(Context& context) {
  const auto reply = context.daemon().Admin("ListBackups");
  if (!reply) return reply.error();
  return TextOf(reply->parameters, "folder");
}

// The daemon reads backups only where it keeps them. A file from elsewhere is copied there, for its user.
Outcome<std::string> NameInFolder(Context& context, const std::string& argument) {
  const fs::path path(argument);
  if (!path.has_parent_path() && ::access(argument.c_str(), F_OK) != 0) return argument;
  const auto folder = FolderOfBackups(context);
  if (!folder) return folder.error();
  std::error_code error;
  const fs::path there = fs::path(*folder) / path.filename();
  if (fs::equivalent(path, there, error)) return path.filename().string();
  struct stat state {};
  if (::stat(fs::path(*folder).parent_path().c_str(), &state) != 0) {
    return FailureOf(ErrnoError(ErrorCode::kUnavailable, "look into " + *folder, errno));
  }
  if (::mkdir(folder->c_str(), S_IRWXU) == 0 && ::chown(folder->c_str(), state.st_uid, state.st_gid) != 0) {
    return FailureOf(ErrnoError(ErrorCode::kUnavailable, "chown " + *folder, errno));
  }
  if (SameContent(argument, there.string())) return path.filename().string();
  const Status copied = CopyFile(argument, there.string(), FileOwner{state.st_uid, state.st_gid});
  if (!copied) return FailureOf(copied.error());
  context.output().Note("copied to " + EscapeForDisplay(there.string()));
  return path.filename().string();
}

// What is asked for keys of which nothing later than the backup is known; nullopt: nothing.
Outcome<std::optional<std::string>> WithoutCurrent(const Invocation& invocation, const std::string& current) {
  const bool pause = invocation.Has("pause-all");
  const bool revive = invocation.Has("revive-all");
  if (pause && revive) {
    return UsageFailure("--pause-all and --revive-all exclude each other", "give one or the other");
  }
  if (current == "later") {
    if (!pause && !revive) return std::optional<std::string>();
    return UsageFailure("the present database tells what became of each key since the backup",
                        "leave out --pause-all and --revive-all");
  }
  if (!pause && !revive) {
    return UsageFailure(
        "nothing tells what became of the keys since the backup",
        "add --pause-all (every key waits for a review), or --revive-all (all are as they were "
        "then, also those that were revoked since)");
  }
  return std::optional<std::string>(pause ? "pause_all" : "revive_all");
}

// A restore is confirmed by the backup's name, or by the time at which it was made where nobody can be asked.
Outcome<void> ConfirmRestore(Context& context, const boost::json::object& backup) {
  const Invocation& invocation = context.invocation();
  const std::string name = ShownText(backup, "name");
  const std::string made_at = ShownText(backup, "made_at");
  if (invocation.Has("yes")) {
    if (invocation.Text("made-at") == made_at) return {};
    return UsageFailure(fmt::format("--yes takes the time at which the backup was made: {}", made_at),
                        fmt::format("add --made-at {} if that is meant", made_at));
  }
  if (!context.terminal().input) {
    return UsageFailure(fmt::format("there is no terminal on which to ask: restore {}?", name),
                        fmt::format("add --yes --made-at {} if that is meant", made_at));
  }
  context.output().Flush();
  const auto typed = PromptText(
      fmt::format("The present database is set aside for this backup. Type its name to go on ({}): ", name));
  if (!typed) return typed.error();
  if (*typed != name) return Failure{protocol::kExitFailure, "not confirmed; nothing was done", ""};
  return {};
}

}  // namespace

Outcome<int> RunRestore(Context& context) {
  const Invocation& invocation = context.invocation();
  context.daemon().AllowTime(kBackupTimeout);
  const auto name = NameInFolder(context, invocation.argument());
  if (!name) return name.error();
  const auto plan = context.daemon().Admin("PlanRestore", {{"name", *name}});
  if (!plan) return plan.error();
  const bool dry_run = invocation.Has("dry-run");
  if (!context.json()) {
    context.output().Print(ShowPlan(plan->parameters, context.terminal(), context.now()));
  } else if (dry_run) {
    context.PrintJson(plan->parameters);
  }
  if (dry_run) return protocol::kExitOk;
  const auto without = WithoutCurrent(invocation, TextOf(plan->parameters, "current"));
  if (!without) return without.error();
  const auto confirmed = ConfirmRestore(context, ObjectOf(plan->parameters, "backup"));
  if (!confirmed) return confirmed.error();
  boost::json::object parameters = {{"name", *name}, {"revive", invocation.Has("revive")}};
  if (*without) parameters["without_current"] = **without;
  const auto done = context.daemon().Admin("RestoreBackup", parameters);
  if (!done) return done.error();
  if (context.json()) context.PrintJson(done->parameters);
  const std::string replaced = ShownText(done->parameters, "replaced");
  context.output().Note(fmt::format("restored; {} keys came back revoked, {} paused, {} are lost",
                                    IntOf(done->parameters, "revoked"), IntOf(done->parameters, "paused"),
                                    IntOf(done->parameters, "lost")));
  if (!replaced.empty()) {
    context.output().Note("the former database is kept as " + replaced + " until you remove it");
  }
  return protocol::kExitOk;
}

}  // namespace claviger::cli
