#include <algorithm>
#include <boost/json/array.hpp>

#include "cli/backup_view.h"
#include "cli/context.h"
#include "cli/json_view.h"
#include "cli/table.h"
#include "cli/time_view.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {

Outcome<int> RunBackupList(Context& context) {
  const bool check = context.invocation().Has("check");
  context.daemon().AllowTime(kBackupTimeout);
  const auto reply = context.daemon().Admin("ListBackups", {{"check", check}});
  if (!reply) return reply.error();
  const auto backups = ObjectsOf(ArrayOf(reply->parameters, "backups"));
  const bool bad = std::any_of(backups.begin(), backups.end(), [](const boost::json::object* backup) {
    return !ShownText(*backup, "problem").empty();
  });
  const int status = bad ? protocol::kExitFailure : protocol::kExitOk;
  if (context.json()) {
    context.PrintJson(reply->parameters);
    return status;
  }
  Table table({{"NAME", 0}, {"AGE", 1}, {"SIZE", 3}, {"KEYS", 2}, {"STATE", 0, true}}, context.terminal());
  for (const boost::json::object* backup : backups) {
    const std::string problem = ShownText(*backup, "problem");
    const std::string fine = check ? "whole" : "";
    const bool known = backup->contains("bytes");
    table.AddRow({{ShownText(*backup, "name")},
                  {Distance(ShownText(*backup, "made_at"), context.now())},
                  {known ? ShowSize(IntOf(*backup, "bytes")) : ""},
                  {ShownInt(*backup, "keys")},
                  {problem.empty() ? fine : problem}});
  }
  if (table.empty()) context.output().Note("there is no backup in " + ShownText(reply->parameters, "folder"));
  context.output().Print(table.Render());
  return status;
}

}  // namespace claviger::cli
